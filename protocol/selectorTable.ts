import type { EngineNeed } from './engineNeed.ts';
import { gsm8k, textWithStanding, type StandingFigure, type Standing } from './standing.ts';

interface SelectorDescription {
  readonly id: string;
  /** For the screen. */
  readonly name: string;
  /** What it takes, in one sentence. The setting's choices say the same. */
  readonly meaning: string;
  /** What it goes by: the candidates as they are, further tokens of the model, a parser and a test command, or a value head. */
  readonly needs: 'candidates' | 'tokens' | 'code' | 'valueHead';
  /** What it cannot do without: the majority decides in its place where the engine lacks it. */
  readonly engineNeeds: readonly EngineNeed[];
  /** How it did in the bench against a plain majority of the same candidates. */
  readonly standing: Standing;
}

/** Eight candidates of each of the questions. */
const eight = { ...gsm8k, tokenRatio: 1, questions: 100, against: { name: 'majority', right: 59 } } as const;

function rowOf(selector: string): string {
  return `\`selfConsistency:8:consensus=off:skipPreamble=on\`: \`${selector}\` against \`majority\``;
}

function experimental(figure: StandingFigure): Standing {
  return { kind: 'experimental', figure };
}

/**
 * Every way to decide among several candidates. A new one takes a row here, its file and its line in `createSelector`;
 * tests compare the manifest, docs/STRATEGIES.md and docs/BENCHMARKS.md with this table.
 */
export const selectorTable = [
  {
    id: 'majority',
    name: 'majority',
    meaning: 'The answer that most candidates gave.',
    needs: 'candidates',
    engineNeeds: [],
    standing: { kind: 'baseline' },
  },
  {
    id: 'bestOfMajority',
    name: 'best of majority',
    meaning: 'Of the answers that several gave, the one they were surest of.',
    needs: 'candidates',
    engineNeeds: ['probabilities'],
    standing: experimental({ ...eight, row: rowOf('bestOfMajority'), right: 56 }),
  },
  {
    id: 'confidenceWeighted',
    name: 'confidence-weighted vote',
    meaning: 'Votes count by how sure the model was of their tokens; the least sure tenth has none.',
    needs: 'candidates',
    engineNeeds: ['probabilities'],
    standing: experimental({ ...eight, row: rowOf('confidenceWeighted'), right: 58 }),
  },
  {
    id: 'mostConfident',
    name: 'most confident',
    meaning: 'The surest tenth votes alone: of ten candidates or fewer, the surest.',
    needs: 'candidates',
    engineNeeds: ['probabilities'],
    standing: experimental({ ...eight, row: rowOf('mostConfident'), right: 49 }),
  },
  {
    id: 'entropySteadiness',
    name: 'steadiness of entropy',
    meaning: "Votes count by how steady the model's entropy was.",
    needs: 'candidates',
    engineNeeds: ['exactEntropy'],
    standing: experimental({ ...eight, row: rowOf('entropySteadiness'), right: 56 }),
  },
  {
    id: 'hedgeWeighted',
    name: 'hedge-weighted vote',
    meaning: 'Votes count the less, the more their text hedges.',
    needs: 'candidates',
    engineNeeds: [],
    standing: experimental({ ...eight, row: rowOf('hedgeWeighted'), right: 59 }),
  },
  {
    id: 'minimumRisk',
    name: 'minimum risk',
    meaning:
      'The text that has most in common with all others; for prose and code, where no answer can be read.',
    needs: 'candidates',
    engineNeeds: [],
    standing: experimental({ ...eight, row: rowOf('minimumRisk'), right: 52 }),
  },
  {
    id: 'checklistJudge',
    name: 'judge with a checklist',
    meaning: 'The model scores all answers at once, by a checklist that it writes first.',
    needs: 'tokens',
    engineNeeds: ['grammar'],
    standing: experimental({
      ...gsm8k,
      row: '`selfConsistency:4:selector=checklistJudge:skipPreamble=on`',
      right: 50,
      against: { name: 'majority', right: 50 },
      tokenRatio: 1,
      questions: 20,
    }),
  },
  {
    id: 'contextCheck',
    name: 'check against the question',
    meaning: 'Votes count as much as the model, asked of each answer by itself, is sure that it is right.',
    needs: 'tokens',
    engineNeeds: ['probabilities', 'choice'],
    standing: experimental({
      ...gsm8k,
      row: '`verifyByContext:4:skipPreamble=on`',
      right: 55,
      against: { name: 'majority', right: 60 },
      tokenRatio: 1,
      questions: 20,
    }),
  },
  {
    id: 'verifiedCode',
    name: 'verified code',
    meaning: 'Code that passes your test command, whatever the votes; without one, code that parses.',
    needs: 'code',
    engineNeeds: [],
    standing: experimental({
      ...gsm8k,
      set: 'humaneval',
      row: '`selfConsistency:8:consensus=off:selector=verifiedCode`',
      right: 75,
      against: { name: 'majority', right: 50 },
      tokenRatio: 1,
      questions: 20,
    }),
  },
  {
    id: 'valueWeighted',
    name: 'vote weighed by value',
    meaning: 'Votes count by how likely a value head says they are right; needs a head of the model.',
    needs: 'valueHead',
    engineNeeds: ['hiddenStates'],
    standing: { kind: 'unmeasured' },
  },
  {
    id: 'bestByValue',
    name: 'best of majority by value',
    meaning: 'Of the answers that several gave, the likeliest by a value head; needs a head of the model.',
    needs: 'valueHead',
    engineNeeds: ['hiddenStates'],
    standing: { kind: 'unmeasured' },
  },
] as const satisfies readonly SelectorDescription[];

export type SelectorId = (typeof selectorTable)[number]['id'];
export const selectorIds: readonly SelectorId[] = selectorTable.map(({ id }) => id);

/** Whether a selector goes by a value head, and cannot be used without one of the model. */
export function needsValueHead(id: SelectorId): boolean {
  return selectorTable.some((row) => row.id === id && row.needs === 'valueHead');
}

/** What it needs of the engine. */
export function selectorNeeds(id: SelectorId): readonly EngineNeed[] {
  return selectorTable.find((row) => row.id === id)?.engineNeeds ?? [];
}

/** Name and meaning, for the screen. */
export function selectorWords(id: SelectorId): { readonly name: string; readonly meaning: string } {
  return selectorTable.find((row) => row.id === id) ?? { name: id, meaning: '' };
}

/** What the help and the setting's choices say of each, in the order of the table. */
export const selectorTexts: readonly { readonly id: SelectorId; readonly text: string }[] = selectorTable.map(
  ({ id, meaning, needs, standing }) => ({
    id,
    text: textWithStanding(needs === 'tokens' ? `${meaning} It costs tokens.` : meaning, standing),
  }),
);
