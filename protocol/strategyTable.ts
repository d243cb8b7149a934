import type { EngineNeed } from './engineNeed.ts';
import { gsm8k, textWithStanding, type StandingFigure, type Standing } from './standing.ts';

/**
 * How a search over steps is bounded, beside its budget: how many next steps it tries after each that it keeps, and after how
 * many steps it has a thought answer. Each is a setting, too.
 */
export const stepSearchKeys = ['stepChildren', 'maxSteps'] as const;
type StepSearchKey = (typeof stepSearchKeys)[number];
export type StepSearchSettings = Readonly<Record<StepSearchKey, number>>;

/** What a user may set of a strategy, by its name in `AskParams` and in the settings; repair and temperature only in the former. */
export type StrategyParameter =
  'candidates' | StepSearchKey | 'maxThoughtTokens' | 'skipPreamble' | 'repair' | 'temperature';

interface StrategyDescription {
  readonly id: string;
  /** For the screen. */
  readonly name: string;
  /** What it does, in one sentence. The setting's choices say the same. */
  readonly meaning: string;
  /** Whether a selector decides: several candidates may come to answers. */
  readonly votes: boolean;
  /** Those that change what it does; it passes over all others. */
  readonly parameters: readonly StrategyParameter[];
  /** What it cannot do without: another strategy runs in its place where the engine lacks it. */
  readonly engineNeeds: readonly EngineNeed[];
  /** How it did in the bench against one whole greedy thought. */
  readonly standing: Standing;
}

/** A row of the bench beside one whole greedy thought on the same questions. */
function besideOneThought(
  key: string,
  right: number,
  {
    against,
    tokenRatio,
    questions,
  }: Pick<StandingFigure, 'tokenRatio' | 'questions'> & { readonly against: number },
): StandingFigure {
  const row = `\`${key}\` against \`chainOfThought\``;
  return { ...gsm8k, row, right, against: { name: 'oneThought', right: against }, tokenRatio, questions };
}

/**
 * Every way to answer; the first lets difficulty choose. A new one takes a row here, its file, and its line in
 * `chosenStrategy`; tests compare the manifest, docs/STRATEGIES.md and docs/BENCHMARKS.md with this table.
 */
export const strategyTable = [
  {
    id: 'auto',
    name: 'automatic',
    meaning:
      'One thought, an answer at once where there is nothing to work out, or what goes with the difficulty that you set.',
    votes: true,
    parameters: [
      'candidates',
      'stepChildren',
      'maxSteps',
      'maxThoughtTokens',
      'skipPreamble',
      'repair',
      'temperature',
    ],
    engineNeeds: [],
    standing: {
      kind: 'measured',
      figure: besideOneThought('auto:1', 57, { against: 55.5, tokenRatio: 0.7, questions: 200 }),
      besides: [
        {
          ...besideOneThought('auto:1', 22, { against: 25, tokenRatio: 0.79, questions: 100 }),
          model: 'Qwen2.5-Coder-0.5B',
        },
      ],
    },
  },
  {
    id: 'direct',
    name: 'direct',
    meaning: 'Answer at once.',
    votes: false,
    parameters: ['temperature'],
    engineNeeds: [],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('direct', 52.1, { against: 49.3, tokenRatio: 1.15, questions: 71 }),
    },
  },
  {
    id: 'chainOfThought',
    name: 'chain of thought',
    meaning: 'Think first, then answer.',
    votes: false,
    parameters: ['maxThoughtTokens', 'skipPreamble', 'temperature'],
    engineNeeds: [],
    standing: { kind: 'baseline' },
  },
  {
    id: 'selfConsistency',
    name: 'self-consistency',
    meaning: 'Several candidates think, and their answers vote.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
    engineNeeds: [],
    standing: {
      kind: 'measured',
      figure: besideOneThought('selfConsistency:8:consensus=off:skipPreamble=on', 59, {
        against: 52,
        tokenRatio: 5.41,
        questions: 100,
      }),
    },
  },
  {
    id: 'hedgedBestOfN',
    name: 'hedged best of N',
    meaning: 'One greedy candidate and several sampled ones, of which the best is taken.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
    engineNeeds: [],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('hedgedBestOfN:8:skipPreamble=on', 60, {
        against: 55,
        tokenRatio: 5.24,
        questions: 20,
      }),
    },
  },
  {
    id: 'verifyByContext',
    name: 'verify by context',
    meaning: 'Several candidates think, and each answer is checked against the question.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
    engineNeeds: ['probabilities', 'choice'],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('verifyByContext:4:skipPreamble=on', 55, {
        against: 55,
        tokenRatio: 2.83,
        questions: 20,
      }),
    },
  },
  {
    id: 'stepBeam',
    name: 'step beam',
    meaning: 'Several thoughts grow step by step, and after each step the surest are kept.',
    votes: true,
    parameters: ['candidates', 'stepChildren', 'maxSteps', 'maxThoughtTokens', 'temperature'],
    engineNeeds: ['continuing', 'probabilities'],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('stepBeam:3:children=2:selector=mostConfident', 30, {
        against: 55,
        tokenRatio: 3.86,
        questions: 20,
      }),
    },
  },
  {
    id: 'aStar',
    name: 'A* over steps',
    meaning: 'One thought at a time grows by a step, the most promising first, until one is over.',
    votes: false,
    parameters: ['candidates', 'stepChildren', 'maxSteps', 'maxThoughtTokens', 'temperature'],
    engineNeeds: ['continuing', 'probabilities'],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('aStar:4:children=2', 35, { against: 55, tokenRatio: 1.3, questions: 20 }),
    },
  },
  {
    id: 'refineFirstError',
    name: 'refine the first error',
    meaning: 'Half of the candidates think; the others go on from before the first step that looks wrong.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'temperature'],
    engineNeeds: ['continuing', 'probabilities', 'choice'],
    standing: {
      kind: 'experimental',
      figure: besideOneThought('refineFirstError:4', 30, { against: 55, tokenRatio: 1.83, questions: 20 }),
    },
  },
  {
    id: 'directBestOfN',
    name: 'direct best of N',
    meaning: 'Several programs are written at once and tested; the best is repaired where none passes.',
    votes: true,
    parameters: ['candidates', 'repair', 'temperature'],
    engineNeeds: [],
    standing: {
      kind: 'measured',
      figure: {
        model: 'Qwen2.5-Coder-1.5B',
        set: 'humaneval',
        row: '`directBestOfN:4` against `direct`',
        right: 73.8,
        against: { name: 'oneProgram', right: 61.6 },
        tokenRatio: 4.42,
        questions: 164,
      },
    },
  },
] as const satisfies readonly StrategyDescription[];

export type StrategyId = (typeof strategyTable)[number]['id'];
export const strategyIds: readonly StrategyId[] = strategyTable.map(({ id }) => id);

const rows: readonly StrategyDescription[] = strategyTable;

/** What the help and the setting's choices say of each, in the order of the table. */
export const strategyTexts: readonly { readonly id: StrategyId; readonly text: string }[] = strategyTable.map(
  ({ id, meaning, standing }) => ({ id, text: textWithStanding(meaning, standing) }),
);

/** For the screen; a name from a file that a later version wrote stands for itself. */
export function strategyName(id: StrategyId): string {
  return rows.find((row) => row.id === id)?.name ?? id;
}

/** Whether a selector decides where this strategy is used. */
export function hasVote(id: StrategyId): boolean {
  return rows.some((row) => row.id === id && row.votes);
}

/** Whether it asks for an answer without a thought. */
export function isDirect(id: StrategyId): boolean {
  return id === 'direct' || id === 'directBestOfN';
}

/**
 * Whether it is a vote of sampled thoughts, which takes two candidates at least. Of `auto` it depends on what that chooses.
 */
export function votesOnSamples(id: Exclude<StrategyId, 'auto'>): boolean {
  return hasVote(id) && !takesParameter(id, 'stepChildren') && !isDirect(id);
}

/** What it needs of the engine. */
export function strategyNeeds(id: StrategyId): readonly EngineNeed[] {
  return rows.find((row) => row.id === id)?.engineNeeds ?? [];
}

/** Whether a parameter changes what a strategy does. */
export function takesParameter(id: StrategyId, parameter: StrategyParameter): boolean {
  return rows.some((row) => row.id === id && row.parameters.includes(parameter));
}
