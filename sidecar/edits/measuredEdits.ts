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
  readonly weightCount: number;
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
      weightCount: row.number('weightCount', count),
      cases: row.number('cases', { ...count, min: 1 }),
      passed: row.number('passed', count),
    })),
    larger: fileOf(file.object('larger')),
  };
}

/** The measurements that ship. */
export const shippedMeasuredEdits = parseMeasuredEdits(shipped);

/**
 * Throws `model.tooWeak` for a model that passed too few cases, and for one that was not measured and has no more weights than such
 * a model. Names the smallest that was measured to be enough, else a larger one. Pure.
 */
export function requireAbleToEdit(
  model: Pick<ModelIdentity, 'name' | 'hash'> & {
    /** Null for a server's model. */
    readonly weightCount: number | null;
  },
  { rows, larger }: EditMeasurements,
): void {
  const why = whyTooWeak(model, rows);
  if (why === null) return;
  const [enough] = rows
    .filter((other) => shareOf(other) >= enoughShare)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const advised =
    enough === undefined
      ? `No measured model is good enough; ${larger.model} (about ${inGigabytes(larger)}) is larger and was not measured.`
      : `${enough.model} (${inGigabytes(enough)}) got ${enough.passed} of ${enough.cases} right.`;
  throw new CodedError(
    'model.tooWeak',
    `${why}, so it is not asked for an edit that no test judges. ${advised}`,
    'Choose a larger model, or ask this one all the same.',
  );
}

/** The clause that says why; null for a model that may edit. */
function whyTooWeak(
  { name, hash, weightCount }: Parameters<typeof requireAbleToEdit>[0],
  rows: EditMeasurements['rows'],
): string | null {
  const own = rows.find(({ sha256 }) => sha256 === hash);
  const right = ({ passed, cases }: MeasuredEdits): string =>
    `got ${passed} of ${cases} measured edits right`;
  if (own !== undefined) return shareOf(own) < enoughShare ? `${name} ${right(own)}` : null;
  if (weightCount === null) return null;
  const [tooWeak] = rows
    .filter((row) => shareOf(row) < enoughShare && weightCount <= row.weightCount)
    .toSorted((a, b) => shareOf(b) - shareOf(a));
  return tooWeak === undefined
    ? null
    : `${name} was not measured, and is no larger than ${tooWeak.model}, which ${right(tooWeak)}`;
}

function shareOf({ passed, cases }: MeasuredEdits): number {
  return passed / cases;
}

function inGigabytes({ sizeBytes }: Pick<MeasuredEdits, 'sizeBytes'>): string {
  return `${(sizeBytes / 1e9).toFixed(1)} GB`;
}
