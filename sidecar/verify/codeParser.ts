import type { CodeReading } from '../../protocol/codeReading.ts';
import type { Clock } from '../process/clock.ts';
import type { CandidateCode } from './placeCode.ts';
import { type Grammar, grammarOf, nothingAround, openingOf, type CodeFrame } from '../syntax/grammars.ts';
import { errorsBelow } from '../syntax/treeErrors.ts';
import { parseLimitMs, TreeSitter } from '../syntax/treeSitter.ts';

/** What a parser says of code, or why it says nothing, to follow "because". */
export type Reading = CodeReading | { readonly unread: string };

/** Checks whether code is a program of its language, without running it. */
export interface CodeParser {
  /**
   * `replaced` is the code that the question was about: where that is part of a file, such as a method, the candidate's may
   * be one, too. Never throws.
   */
  read(code: CandidateCode, replaced: CandidateCode | null): Promise<Reading>;
}

/** Parses with the grammars in a folder of WASM files; see `TreeSitter` for what is loaded when. */
export function grammarParser(
  folder: string,
  { clock, limitMs = parseLimitMs }: { readonly clock: Pick<Clock, 'now'>; readonly limitMs?: number },
): CodeParser {
  const treeSitter = new TreeSitter(folder, clock);

  const readIn = async (
    text: string,
    { grammar, around }: { readonly grammar: Grammar; readonly around: CodeFrame },
  ): Promise<Reading> => {
    const before = openingOf(grammar, text) + around.before;
    const parser = await treeSitter.parserOf(grammar.name);
    const errors = parser.parse(before + text + around.after, limitMs, errorsBelow);
    if (errors === null) return { unread: `it took longer than ${limitMs} ms` };
    const { count, first } = errors;
    if (first === null) return { errorCount: 0, firstError: null };
    const column = first.column - (first.row === 0 ? before.length : 0);
    return { errorCount: count, firstError: { line: first.row + 1, column: Math.max(0, column) + 1 } };
  };

  return {
    read: async (code, replaced) => {
      if (code.languageId === '') return { unread: 'nothing names its language' };
      const grammar = grammarOf(code.languageId);
      if (grammar === null) return { unread: `no grammar of ${code.languageId} ships with Entropane` };
      const whole = { grammar, around: nothingAround };
      try {
        const reading = await readIn(code.text, whole);
        if (isWhole(reading) || grammar.ofPart === null || replaced?.languageId !== code.languageId)
          return reading;
        if (isWhole(await readIn(replaced.text, whole))) return reading;
        const asPart = await readIn(code.text, { grammar, around: grammar.ofPart });
        return isWhole(asPart) ? asPart : reading;
      } catch (thrown) {
        // A file that is missing or broken; it throws errors of several kinds, some of the WASM runtime.
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        return { unread: `its grammar cannot be used (${reason})` };
      }
    },
  };
}

function isWhole(reading: Reading): boolean {
  return 'errorCount' in reading && reading.errorCount === 0;
}
