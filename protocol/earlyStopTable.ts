import { gsm8k, type Standing } from './standing.ts';

/** When a vote ends before all candidates have: never, when nothing can overturn it, or also when it is all but clear. */
export const consensusChoices = ['off', 'certain', 'likely'] as const;

/**
 * Which candidates a floor ends that the first few set by how sure the model was of them: none, those clearly less sure, or
 * all but the surest.
 */
export const confidencePruningChoices = ['off', 'cautious', 'strict'] as const;

/** What may end a request, or a candidate of it, before its budget does. Each member is a setting, too. */
export interface EarlyStopping {
  readonly consensus: (typeof consensusChoices)[number];
  /** Probability of a trial answer from which a thought ends early, 0…1; 0 makes no trials. */
  readonly trialConfidence: number;
  /** Whether a thought ends that has an answer and only goes over it. */
  readonly steadyAnswers: boolean;
  readonly confidencePruning: (typeof confidencePruningChoices)[number];
}

interface EarlyStopDescription {
  /** What it does, in one sentence for the help. */
  readonly meaning: string;
  /** How it did in the bench. */
  readonly standing: Standing;
}

/** What may end a vote, a candidate or a thought early. Tests compare manifest, docs/BUDGETS.md and docs/BENCHMARKS.md with it. */
export const earlyStopTable = {
  consensus: {
    meaning: `When a vote ends early: ${consensusChoices.join(', ')}.`,
    standing: {
      kind: 'measured',
      figure: {
        ...gsm8k,
        row: '`selfConsistency:8:consensus=off:skipPreamble=on`: `consensus=likely` against `majority`',
        right: 60,
        against: { name: 'allCandidates', right: 59 },
        tokenRatio: 0.58,
        questions: 100,
      },
    },
  },
  trialConfidence: {
    meaning: 'End a thought when a trial answer is this sure, such as 0.95; 0 tries none.',
    standing: {
      kind: 'experimental',
      figure: {
        ...gsm8k,
        row: '`chainOfThought:trial=0.95` against `chainOfThought`',
        right: 40,
        against: { name: 'oneThought', right: 55 },
        tokenRatio: 0.93,
        questions: 20,
      },
    },
  },
  steadyAnswers: {
    meaning: 'End a thought that has an answer and only goes over it.',
    standing: {
      kind: 'experimental',
      figure: {
        ...gsm8k,
        row: '`chainOfThought:steady=on` against `chainOfThought`',
        right: 65,
        against: { name: 'oneThought', right: 55 },
        tokenRatio: 0.99,
        questions: 20,
      },
    },
  },
  confidencePruning: {
    meaning: `End candidates less sure than the first were: ${confidencePruningChoices.join(', ')}.`,
    standing: {
      kind: 'experimental',
      figure: {
        ...gsm8k,
        row: '`selfConsistency:8:pruning=cautious:skipPreamble=on`',
        right: 60,
        against: { name: 'allCandidates', right: 65 },
        tokenRatio: 0.88,
        questions: 20,
      },
    },
  },
} as const satisfies Readonly<Record<keyof EarlyStopping, EarlyStopDescription>>;

/** In the order of the table. */
export const earlyStopKeys: readonly (keyof EarlyStopping)[] = Object.keys(earlyStopTable).filter(
  (key): key is keyof EarlyStopping => key in earlyStopTable,
);

/** The row of an early stop. */
export function earlyStop(id: keyof EarlyStopping): EarlyStopDescription {
  return earlyStopTable[id];
}
