import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as treeSitter from '@vscode/tree-sitter-wasm';
import type { Language, Node } from '@vscode/tree-sitter-wasm';
import type { Clock } from '../process/clock.ts';
import type { GrammarName } from './grammarFiles.mjs';

type Library = typeof treeSitter;

/**
 * Longest that one text may take. The first in a language takes a fifth of it, a whole file a hundredth; less would make
 * what is shown depend on the load.
 */
export const parseLimitMs = 500;

/** Parses texts of one language. */
export interface LanguageParser {
  /**
   * What `read` makes of the tree of a text, which it must not keep. Null where parsing took longer than `limitMs`, which
   * blocks the thread.
   */
  parse<T>(text: string, limitMs: number, read: (root: Node) => T): T | null;
}

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

  /** Loads a language. Throws where a file is missing or broken. */
  async parserOf(grammar: GrammarName): Promise<LanguageParser> {
    const library = await this.#load();
    // Two at once may load the same language twice, which costs memory and nothing else.
    const language =
      this.#languages.get(grammar) ??
      (await library.Language.load(await this.#read(`tree-sitter-${grammar}.wasm`)));
    this.#languages.set(grammar, language);
    return { parse: (text, limitMs, read) => this.#parse(library, language, { text, limitMs, read }) };
  }

  #parse<T>(
    library: Library,
    language: Language,
    work: { readonly text: string; readonly limitMs: number; readonly read: (root: Node) => T },
  ): T | null {
    // A parser of its own: one that was broken off would go on where it stopped.
    const parser = new library.Parser().setLanguage(language);
    try {
      const startedMs = this.#clock.now();
      const progressCallback = (): boolean => this.#clock.now() - startedMs > work.limitMs;
      const tree = parser.parse(work.text, null, { progressCallback });
      if (tree === null) return null;
      try {
        return work.read(tree.rootNode);
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
