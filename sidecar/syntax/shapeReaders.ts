import type { Clock } from '../process/clock.ts';
import type { ShapeReader } from './codeShape.ts';
import { grammarOf, openingOf } from './grammars.ts';
import { plainShape } from './plainShape.ts';
import { treeShape } from './treeShape.ts';
import { parseLimitMs, TreeSitter } from './treeSitter.ts';

/** Readers of the shape of code, by language. */
export interface ShapeReaders {
  /** By VS Code's identifier of the language. Never rejects: without a usable grammar it reads brackets and tags alone. */
  of(languageId: string): Promise<ShapeReader>;
}

/** Readers that use the grammars in a folder of WASM files. */
export function shapeReaders(folder: string, clock: Pick<Clock, 'now'>): ShapeReaders {
  const treeSitter = new TreeSitter(folder, clock);
  return {
    of: async (languageId) => {
      const plain: ShapeReader = (text) => plainShape(text, languageId);
      const grammar = grammarOf(languageId);
      if (grammar === null) return plain;
      try {
        const parser = await treeSitter.parserOf(grammar.name);
        return (text, part) =>
          openingOf(grammar, text) === ''
            ? parser.parse(text, parseLimitMs, (root) => treeShape(root, grammar.name, part))
            : plain(text);
      } catch {
        // A grammar's file is missing or broken, which the doctor reports.
        return plain;
      }
    },
  };
}
