import { isRecord } from '../../../protocol/isRecord.ts';
import shipped from './shippedProbeLoss.json' with { type: 'json' };

/** Log-loss of a probe and of a constant on the same training questions, in nats; lower is better. */
export interface ProbeLoss {
  /** Mean over the questions that each of five folds left out. */
  readonly foldLossNats: number;
  /** Loss of saying of every question how often each class occurs. */
  readonly constantLossNats: number;
}

/** What names a probe and says how it did; members are undefined where its file lacks them. */
export interface ProbeFacts {
  readonly modelHash: string | undefined;
  readonly trainingSetHash: string | undefined;
  /** JSON. */
  readonly validation: string | undefined;
}

/**
 * Log-loss that a probe file gives, else that of the report where the probe is one that shipped before files gave it. Null
 * where neither has it. Pure.
 */
export function probeLossOf({ modelHash, trainingSetHash, validation }: ProbeFacts): ProbeLoss | null {
  const own = validation === undefined ? null : readLoss(validation);
  if (own !== null) return own;
  const known = Object.entries(shipped).find(([hash]) => hash === modelHash)?.[1];
  return known === undefined || known.trainingSetHash !== trainingSetHash ? null : known;
}

/** Whether the probe was measured to know more of a question than how common each class is. Unknown counts as no. Pure. */
export function beatsConstant(loss: ProbeLoss | null): boolean {
  return loss !== null && loss.foldLossNats < loss.constantLossNats;
}

function readLoss(validation: string): ProbeLoss | null {
  let value: unknown;
  try {
    value = JSON.parse(validation);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { foldLossNats, constantLossNats } = value;
  return typeof foldLossNats === 'number' && typeof constantLossNats === 'number'
    ? { foldLossNats, constantLossNats }
    : null;
}
