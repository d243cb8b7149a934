import type { DifficultyClass, DifficultyFeatures, DifficultySource } from '../../protocol/traceEvent.ts';

/** What is known of a question when its difficulty is asked for. */
export interface DifficultyEvidence {
  /** Entropy of each token that opens the first candidate, in nats. */
  readonly probePrefixEntropyNats: readonly number[];
  /** Whether the model ended, or began its answer, within the probe prefix. */
  readonly hasEnded: boolean;
  /** Last-layer hidden state of the last prompt token, or null when the engine gives none. */
  readonly promptState: Float32Array | null;
}

export interface DifficultyEstimate {
  readonly difficulty: DifficultyClass;
  readonly source: Exclude<DifficultySource, 'override'>;
  /** In the order easy, normal, hard; null where the rule gives none. */
  readonly probabilities: readonly [number, number, number] | null;
  /** For a probe alone: whether it was measured to predict better than how common each class is. */
  readonly beatsConstant?: boolean;
  readonly meanEntropyNats: number | null;
  /** What it was read off. */
  readonly features: DifficultyFeatures;
  /** Why this class, in one sentence for the panel. */
  readonly why: string;
}

/** An estimate, or what the user said in its place. */
export type Judgement = Omit<DifficultyEstimate, 'source'> & { readonly source: DifficultySource };

export function judgedByUser(difficulty: DifficultyClass): Judgement {
  return {
    difficulty,
    source: 'override',
    probabilities: null,
    meanEntropyNats: null,
    features: {},
    why: `You set the difficulty to ${difficulty}.`,
  };
}

/** Tells how hard a question is for the model that answers it. Chooses no strategy: see `difficultyPlan.ts`. */
export interface DifficultyEstimator {
  /** Whether it can use the prompt's state. */
  readonly readsPromptState: boolean;
  /** Tokens of the first candidate that it wants to see; 0 when the prompt's state is enough. */
  probePrefixTokens(promptState: Float32Array | null): number;
  estimate(evidence: DifficultyEvidence): Promise<DifficultyEstimate>;
  /** Frees what it holds. Its owner calls it once, and asks nothing of it afterwards. */
  dispose(): Promise<void>;
}

/** An estimator that knows before it is asked. */
export function settled(estimate: DifficultyEstimate): DifficultyEstimator {
  return {
    readsPromptState: false,
    probePrefixTokens: () => 0,
    estimate: () => Promise.resolve(estimate),
    dispose: () => Promise.resolve(),
  };
}

/** A model's judge of difficulty, and what its user should know of it. */
export interface LoadedEstimator {
  /** Owned by the caller. */
  readonly estimator: DifficultyEstimator;
  /** Sentences for the health value: what works with less than all its parts. */
  readonly notes: readonly string[];
}

/** Who tells the classes of questions apart: two judges call different questions hard. */
export const judges = ['probe', 'entropyRule'] as const satisfies readonly DifficultySource[];
export type Judge = (typeof judges)[number];

/** Pure. */
export function judgeOf({ readsPromptState }: Pick<DifficultyEstimator, 'readsPromptState'>): Judge {
  return readsPromptState ? 'probe' : 'entropyRule';
}
