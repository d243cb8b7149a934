import { CodedError } from '../../protocol/codedError.ts';
import type { ModelIdentity } from '../../protocol/traceEvent.ts';
import { FieldReader, type NumberRange } from '../validation/fieldReader.ts';
import shipped from './measuredEdits.json' with { type: 'json' };

/** How a model did in `entropane bench edits`, by the way that the product edits. */
export interface MeasuredEdits {
  /** Catalogue name. */
  readonly model: string;
  /** Of its file. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly cases: number;
  readonly passed: number;
}

/** A model that passes a smaller share is not asked unless the user insists. */
const enoughShare = 0.5;

const count: NumberRange = { min: 0, max: 2 ** 53 - 1, whole: true };

/** Rows of a file of measured models. Throws `parameter.invalid` for what is not one. Pure. */
export function parseMeasuredEdits(value: unknown): readonly MeasuredEdits[] {
  const rows = new FieldReader(value, 'measuredEdits').objects('rows');
  return rows.map((row) => ({
    model: row.string('model'),
    sha256: row.string('sha256'),
    sizeBytes: row.number('sizeBytes', count),
    cases: row.number('cases', { ...count, min: 1 }),
    passed: row.number('passed', count),
  }));
}

/** Measured models that ship. */
export const shippedMeasuredEdits = parseMeasuredEdits(shipped);

/**
 * Throws `model.tooWeak`, naming the smallest model that was measured to be enough, for one that was measured not to be. A model
 * without a row passes. Pure.
 */
export function requireAbleToEdit(
  { name, hash }: Pick<ModelIdentity, 'name' | 'hash'>,
  rows: readonly MeasuredEdits[],
): void {
  const row = rows.find(({ sha256 }) => sha256 === hash);
  if (row === undefined || shareOf(row) >= enoughShare) return;
  const [enough] = rows
    .filter((other) => shareOf(other) >= enoughShare)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  throw new CodedError(
    'model.tooWeak',
    `${name} made ${row.passed} of ${row.cases} measured edits rightly, so it is not asked for edits.`,
    enough === undefined
      ? 'No other model was measured to be enough. Ask this one all the same, or choose one that was not measured.'
      : `Use ${enough.model} (${(enough.sizeBytes / 1e9).toFixed(1)} GB), which made ${enough.passed} of ${enough.cases}, or ask this one all the same.`,
  );
}

function shareOf({ passed, cases }: MeasuredEdits): number {
  return passed / cases;
}
