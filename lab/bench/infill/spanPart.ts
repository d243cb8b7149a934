import { join } from 'node:path';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { type ShapeReaders, shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import type { Figure, PartResult } from '../figure.ts';
import type { InfillPartContext } from './infillPart.ts';
import { InfillPipeline } from './infillPipeline.ts';
import { nothingOffered, type Offered } from './infillScore.ts';
import { ReportCounts } from './reportCounts.ts';
import { cutSpans, type Span } from './spanSet.ts';

/** Spans completed side by side: as many prompts as the context takes. */
const spansAtOnce = 3;

/** `text` is empty where nothing is shown. */
interface Shown extends Offered {
  readonly span: Span;
}

/** Completes spans of files that parse, and counts what breaks the file or repeats the lines around the cursor. */
export async function spanPart(
  context: Omit<InfillPartContext, 'dataFolder'>,
  model: Model,
): Promise<PartResult> {
  const { infill, bundleFolder, note, signal } = context;
  const shapes = shapeReaders(join(bundleFolder, 'syntax'), systemClock);
  const spans = await cutSpans(infill.spanFolder, { count: infill.spans, shapes, signal });
  const pipeline = await InfillPipeline.open(model, { prompting: {}, reading: infill.reading, bundleFolder });
  const rows: Shown[] = [];
  const counts = new ReportCounts();
  const waiting = [...spans];
  const work = async (): Promise<void> => {
    for (let span = waiting.shift(); span !== undefined; span = waiting.shift()) {
      const { items, report } = await pipeline.complete(span, {}, signal);
      const [first] = items;
      rows.push({ span, ...(first ?? nothingOffered) });
      counts.add(report);
      if (waiting.length % 10 === 0) note(`  spans: ${waiting.length} of ${spans.length} wait`);
    }
  };
  try {
    await Promise.all(Array.from({ length: spansAtOnce }, work));
  } finally {
    await pipeline.dispose();
  }
  const languages = [...new Set(spans.map(({ languageId }) => languageId))].join(', ');
  return {
    figures: await figuresOf(rows, shapes),
    notes: [`Spans: ${spans.length}, cut from files that parse (${languages}). ${counts.note}`],
  };
}

async function figuresOf(rows: readonly Shown[], shapes: ShapeReaders): Promise<readonly Figure[]> {
  const shown = rows.filter(({ text }) => text !== '');
  const added = await Promise.all(shown.map((row) => addedErrors(row, shapes)));
  const known = added.filter((count) => count !== null);
  const share = (what: string, count: number, of: number): readonly Figure[] =>
    of === 0
      ? []
      : [
          {
            type: 'single',
            name: `spans: ${what}`,
            unit: 'share',
            value: count / of,
            basis: `${count} of ${of}`,
          },
        ];
  return [
    ...share('shown', shown.length, rows.length),
    ...share('of those shown, adds a parse error', known.filter((count) => count > 0).length, known.length),
    ...share('of those shown, repeats a line around it', shown.filter(repeatsLine).length, shown.length),
  ];
}

/** Errors of the whole file with the text, less those with nothing at the cursor; null where either took too long to read. */
async function addedErrors(
  { span, text, replacedLength }: Shown,
  shapes: ShapeReaders,
): Promise<number | null> {
  const read = await shapes.of(span.languageId);
  const without = read(span.before + span.after);
  const whole = read(span.before + text + span.after.slice(replacedLength));
  const [before, after] = [without?.errorCount ?? null, whole?.errorCount ?? null];
  return before === null || after === null ? null : after - before;
}

/** Whether the line that the text completes first, or its last, is the line above or below, and says something. */
export function repeatsLine({ span, text, replacedLength }: Shown): boolean {
  const above = span.before
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim())
    .findLast((line) => line !== '');
  const below =
    span.after
      .split('\n')
      .slice(1)
      .find((line) => line.trim() !== '')
      ?.trim() ?? '';
  const lines =
    `${span.before.split('\n').at(-1) ?? ''}${text}${span.after.slice(replacedLength).split('\n', 1)[0] ?? ''}`.split(
      '\n',
    );
  const says = (line: string): boolean => /[\p{L}\p{N}]/u.test(line);
  const [first = '', last = ''] = [lines[0]?.trim(), lines.at(-1)?.trim()];
  return (says(first) && first === above) || (says(last) && last === below);
}
