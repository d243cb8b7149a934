import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as treeSitter from '@vscode/tree-sitter-wasm';
import type { Language, Node } from '@vscode/tree-sitter-wasm';
import type { Clock } from '../../process/clock.ts';
import type { GrammarName } from './grammarFiles.mjs';

type Library = typeof treeSitter;

/** Nodes that mark an error, of one tree. */
export interface TreeErrors {
  /** Up to `mostErrors`. */
  readonly count: number;
  /** Place of the first error; both from 0, the column in UTF-16 units. Null without any. */
  readonly first: { readonly row: number; readonly column: number } | null;
}

/** Most errors counted: a text without any code has as many as it has words. */
const mostErrors = 100;

/**
 * Tree-sitter in one folder of WASM files. The library, its runtime and each grammar are loaded when they are first asked
 * for, and stay. What cannot be loaded throws, and is tried anew the next time.
 */
export class TreeSitter {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  #library: Promise<Library> | null = null;
  readonly #languages = new Map<GrammarName, Language>();

  constructor(folder: string, clock: Pick<Clock, 'now'>) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Null where parsing took longer than `limitMs`, which blocks the thread. Throws where a file is missing or broken. */
  async errorsIn(text: string, grammar: GrammarName, limitMs: number): Promise<TreeErrors | null> {
    const library = await this.#load();
    // Two at once may load the same language twice, which costs memory and nothing else.
    const language =
      this.#languages.get(grammar) ??
      (await library.Language.load(await this.#read(`tree-sitter-${grammar}.wasm`)));
    this.#languages.set(grammar, language);
    // A parser of its own: one that was broken off would go on where it stopped.
    const parser = new library.Parser().setLanguage(language);
    try {
      const startedMs = this.#clock.now();
      const progressCallback = (): boolean => this.#clock.now() - startedMs > limitMs;
      const tree = parser.parse(text, null, { progressCallback });
      if (tree === null) return null;
      try {
        return errorsBelow(tree.rootNode);
      } finally {
        tree.delete();
      }
    } finally {
      parser.delete();
    }
  }

  /** One runtime for all: languages that one of two had loaded would be none to the other. */
  async #load(): Promise<Library> {
    this.#library ??= this.#initialize();
    try {
      return await this.#library;
    } catch (thrown) {
      this.#library = null;
      throw thrown;
    }
  }

  async #initialize(): Promise<Library> {
    const library = await import('@vscode/tree-sitter-wasm');
    const options = {
      locateFile: (name: string) => path.join(this.#folder, name),
      wasmBinary: await this.#read('tree-sitter.wasm'),
      // The reason is in the error, and standard output is not ours to write to.
      print: () => undefined,
      printErr: () => undefined,
    };
    await library.Parser.init(options);
    return library;
  }

  async #read(name: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(path.join(this.#folder, name)));
  }
}

function errorsBelow(root: Node): TreeErrors {
  let count = 0;
  let first: TreeErrors['first'] = null;
  const open = [root];
  for (let node = open.pop(); node !== undefined && count < mostErrors; node = open.pop()) {
    if (node.isError || node.isMissing) {
      count += 1;
      first ??= node.startPosition;
    }
    if (!node.hasError) continue;
    // In the order of the text, since the last one in is the next one out.
    for (const child of node.children.toReversed()) if (child !== null) open.push(child);
  }
  return { count, first };
}
