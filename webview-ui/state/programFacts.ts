import type { CandidateState, TraceState } from '../../protocol/traceState.ts';
import { parsingWords, verificationWords } from './panelWords.ts';

/** What is known of a candidate's program, as its lane shows it. */
export interface ProgramFact {
  readonly about: 'syntax' | 'test' | 'repair' | 'answer';
  readonly tone: 'good' | 'bad' | 'plain';
  /** For a lane: a few words. */
  readonly name: string;
  /** For a tooltip and a screen reader: the whole of it. */
  readonly meaning: string;
}

type ProgramTrace = Pick<TraceState, 'candidates' | 'parsings' | 'verifications' | 'selected'>;
type Program = Pick<CandidateState, 'id' | 'answer' | 'repairs'>;

/** A tooltip does not scroll. */
const longestExcerpt = 400;

/** Whether lanes have anything to say of programs. Pure. */
export function hasProgramFacts({ parsings, verifications, candidates }: ProgramTrace): boolean {
  return parsings.length + verifications.length > 0 || candidates.some(({ repairs }) => repairs !== null);
}

/**
 * What a parser and the user's test said of a candidate's program, whose program it repairs, and whether it was chosen. What
 * several wrote was read and tested once, under the name of one of them. Pure; empty for a trace without programs.
 */
export function programFacts(trace: ProgramTrace, candidate: Program): readonly ProgramFact[] {
  if (!hasProgramFacts(trace)) return [];
  const alike = new Set(trace.candidates.filter((one) => isSameProgram(one, candidate)).map(({ id }) => id));
  return [
    ...syntaxFacts(trace, alike),
    ...testFacts(trace, alike),
    ...repairFacts(trace, candidate),
    ...(trace.selected?.candidateId === candidate.id ? [chosen] : []),
  ];
}

const chosen: ProgramFact = {
  about: 'answer',
  tone: 'good',
  name: 'chosen',
  meaning: 'This program is the answer, and of an edit what the comparison shows.',
};

function isSameProgram(a: Program, b: Program): boolean {
  return a.id === b.id || (a.answer !== null && a.answer === b.answer);
}

function syntaxFacts({ parsings }: ProgramTrace, alike: ReadonlySet<number>): readonly ProgramFact[] {
  const parsing = parsings.find(({ candidateId }) => alike.has(candidateId));
  if (parsing === undefined) return [];
  const parses = parsing.errorCount === 0;
  return [
    {
      about: 'syntax',
      tone: parses ? 'good' : 'bad',
      name: parses ? 'parses' : 'does not parse',
      meaning: parses ? `It parses as ${parsing.languageId}.` : `It has ${parsingWords(parsing)}.`,
    },
  ];
}

function testFacts({ verifications }: ProgramTrace, alike: ReadonlySet<number>): readonly ProgramFact[] {
  const test = verifications.find(({ candidateId }) => alike.has(candidateId));
  if (test === undefined) return [];
  const { outcome, exitCode, command, output } = test;
  const { name, meaning } = verificationWords[outcome];
  const code = exitCode === null ? '' : ` (${exitCode})`;
  const wasJudged = outcome !== 'cancelled' && outcome !== 'notStarted';
  const said = output === '' ? '' : `\n\n${excerptOfEnd(output)}`;
  return [
    {
      about: 'test',
      tone: outcome === 'passed' ? 'good' : wasJudged ? 'bad' : 'plain',
      name: `test ${name}${code}`,
      meaning: `${command}: ${name}. ${meaning}${exitCode === null ? '' : ` Exit code ${exitCode}.`}${said}`,
    },
  ];
}

function repairFacts({ candidates }: ProgramTrace, { id, repairs }: Program): readonly ProgramFact[] {
  const repairedBy = candidates.find((one) => one.repairs === id);
  return [
    ...(repairs === null
      ? []
      : [
          {
            about: 'repair',
            tone: 'plain',
            name: `repairs #${repairs + 1}`,
            meaning: `Writes the program of candidate ${repairs + 1} anew, with what was said against it.`,
          } as const,
        ]),
    ...(repairedBy === undefined
      ? []
      : [
          {
            about: 'repair',
            tone: 'plain',
            name: `repaired by #${repairedBy.id + 1}`,
            meaning: `Candidate ${repairedBy.id + 1} writes this program anew, with what was said against it.`,
          } as const,
        ]),
  ];
}

/** The end of what a test wrote, where it says what failed. */
function excerptOfEnd(output: string): string {
  return output.length <= longestExcerpt ? output : `…${output.slice(1 - longestExcerpt)}`;
}
