/** What a user may set of a strategy, by its name in `AskParams` and in the settings; temperature only in the former. */
export type StrategyParameter =
  'candidates' | 'stepChildren' | 'maxSteps' | 'maxThoughtTokens' | 'skipPreamble' | 'temperature';

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
}

/**
 * Every way to answer; the first lets difficulty choose. A new one takes a row here, its file, and its line in
 * `chosenStrategy`; tests hold the manifest and docs/STRATEGIES.md against this table.
 */
export const strategyTable = [
  {
    id: 'auto',
    name: 'automatic',
    meaning: 'Measured difficulty decides.',
    votes: true,
    parameters: ['candidates', 'stepChildren', 'maxSteps', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
  },
  {
    id: 'direct',
    name: 'direct',
    meaning: 'Answer at once.',
    votes: false,
    parameters: ['temperature'],
  },
  {
    id: 'chainOfThought',
    name: 'chain of thought',
    meaning: 'Think first, then answer.',
    votes: false,
    parameters: ['maxThoughtTokens', 'skipPreamble', 'temperature'],
  },
  {
    id: 'selfConsistency',
    name: 'self-consistency',
    meaning: 'Several candidates think, and their answers vote.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
  },
  {
    id: 'hedgedBestOfN',
    name: 'hedged best of N',
    meaning: 'One greedy candidate and several sampled ones, of which the best is taken.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
  },
  {
    id: 'verifyByContext',
    name: 'verify by context',
    meaning: 'Several candidates think, and each answer is checked against the question.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'skipPreamble', 'temperature'],
  },
  {
    id: 'stepBeam',
    name: 'step beam',
    meaning: 'Several thoughts grow step by step, and after each step the surest are kept.',
    votes: true,
    parameters: ['candidates', 'stepChildren', 'maxSteps', 'maxThoughtTokens', 'temperature'],
  },
  {
    id: 'aStar',
    name: 'A* over steps',
    meaning: 'One thought at a time grows by a step, the most promising first, until one is over.',
    votes: false,
    parameters: ['candidates', 'stepChildren', 'maxSteps', 'maxThoughtTokens', 'temperature'],
  },
  {
    id: 'refineFirstError',
    name: 'refine the first error',
    meaning: 'Half of the candidates think; the others go on from before the first step that looks wrong.',
    votes: true,
    parameters: ['candidates', 'maxThoughtTokens', 'temperature'],
  },
] as const satisfies readonly StrategyDescription[];

export type StrategyId = (typeof strategyTable)[number]['id'];
export const strategyIds: readonly StrategyId[] = strategyTable.map(({ id }) => id);

const rows: readonly StrategyDescription[] = strategyTable;

/** For the screen; a name from a file that a later version wrote stands for itself. */
export function strategyName(id: StrategyId): string {
  return rows.find((row) => row.id === id)?.name ?? id;
}

/** Whether a selector decides where this strategy is used. */
export function hasVote(id: StrategyId): boolean {
  return rows.some((row) => row.id === id && row.votes);
}

/** Whether it is a vote of whole samples, which takes two candidates at least. Of `auto` it depends on what that chooses. */
export function votesOnSamples(id: Exclude<StrategyId, 'auto'>): boolean {
  return hasVote(id) && !takesParameter(id, 'stepChildren');
}

/** Whether a parameter changes what a strategy does. */
export function takesParameter(id: StrategyId, parameter: StrategyParameter): boolean {
  return rows.some((row) => row.id === id && row.parameters.includes(parameter));
}
