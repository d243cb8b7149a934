import { CodedError } from '../../protocol/codedError.ts';
import type { EditKind } from '../../protocol/edit.ts';
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

/** What is known of models that edit. */
export interface EditMeasurements {
  readonly rows: readonly MeasuredEdits[];
  /** A larger model of the catalogue for code, under a free licence, without a row: qwen2.5-coder-3b may not be used commercially. */
  readonly larger: Pick<MeasuredEdits, 'model' | 'sizeBytes'>;
}

/** What the bench has cases of: for anything else it says nothing. */
export const measuredKinds: ReadonlySet<EditKind> = new Set(['edit', 'fix']);

/** A model that passes a smaller share is not asked unless the user insists. */
const enoughShare = 0.5;

const count: NumberRange = { min: 0, max: 2 ** 53 - 1, whole: true };

/** A file of measured models. Throws `parameter.invalid` for what is not one. Pure. */
export function parseMeasuredEdits(value: unknown): EditMeasurements {
  const file = new FieldReader(value, 'measuredEdits');
  const fileOf = (row: FieldReader) => ({
    model: row.string('model'),
    sizeBytes: row.number('sizeBytes', count),
  });
  return {
    rows: file.objects('rows').map((row) => ({
      ...fileOf(row),
      sha256: row.string('sha256'),
      cases: row.number('cases', { ...count, min: 1 }),
      passed: row.number('passed', count),
    })),
    larger: fileOf(file.object('larger')),
  };
}

/** The measurements that ship. */
export const shippedMeasuredEdits = parseMeasuredEdits(shipped);

/**
 * Throws `model.tooWeak` for a model that was measured to be too weak, naming the smallest that was measured to be enough, else a
 * larger one. A model without a row passes. Pure.
 */
export function requireAbleToEdit(
  { name, hash }: Pick<ModelIdentity, 'name' | 'hash'>,
  { rows, larger }: EditMeasurements,
): void {
  const row = rows.find(({ sha256 }) => sha256 === hash);
  if (row === undefined || shareOf(row) >= enoughShare) return;
  const [enough] = rows
    .filter((other) => shareOf(other) >= enoughShare)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const advised =
    enough === undefined
      ? `No measured model is good enough; ${larger.model} (about ${inGigabytes(larger)}) is larger and was not measured.`
      : `${enough.model} (${inGigabytes(enough)}) made ${enough.passed} of ${enough.cases}.`;
  throw new CodedError(
    'model.tooWeak',
    `${name} made ${row.passed} of ${row.cases} measured edits rightly, so it is not asked for an edit that nothing tests. ${advised}`,
    'Choose a larger model, or ask this one all the same.',
  );
}

function shareOf({ passed, cases }: MeasuredEdits): number {
  return passed / cases;
}

function inGigabytes({ sizeBytes }: Pick<MeasuredEdits, 'sizeBytes'>): string {
  return `${(sizeBytes / 1e9).toFixed(1)} GB`;
}
