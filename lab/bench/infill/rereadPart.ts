import { join } from 'node:path';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { spreadOver } from '../../numeric/spreadOver.ts';
import { type Figure, percentile, type PartResult } from '../figure.ts';
import type { WayToAsk } from './infillFlags.ts';
import type { InfillPartContext } from './infillPart.ts';
import { InfillPipeline } from './infillPipeline.ts';
import { type SourceFile, sourceFiles } from './spanSet.ts';
import { type Keystroke, keystrokes, keystrokesAt } from './keystrokes.ts';

/** Files that are typed in: long enough that a prompt holds a part of them. */
const typedFiles = { count: 6, leastLines: 250 };
const placesPerFile = 4;

/**
 * Types in source files and asks for a completion after each keystroke: how many tokens of the prompt are read anew, for
 * each kind of keystroke and each way to ask. One token is generated, since only the prompt counts here.
 */
export async function rereadPart(
  { infill, bundleFolder, note, signal }: Omit<InfillPartContext, 'dataFolder'>,
  model: Model,
): Promise<PartResult> {
  const shapes = shapeReaders(join(bundleFolder, 'syntax'), systemClock);
  const files = (await sourceFiles(infill.spanFolder, shapes, signal)).filter(
    ({ text }) => text.split('\n').length >= typedFiles.leastLines,
  );
  const typed = spreadOver(files, typedFiles.count, () => 1);
  const figures: Figure[] = [];
  for (const way of infill.ways) {
    const reads = await readsOf(typed, way, { model, bundleFolder, signal });
    for (const kind of keystrokes) {
      const sorted = (reads.get(kind) ?? []).toSorted((a, b) => a - b);
      if (sorted.length === 0) continue;
      const value = percentile(sorted, 0.5);
      const name = `${way.name}: tokens read, ${kind}`;
      note(`  ${name}: ${value} in the median of ${sorted.length}`);
      figures.push({
        type: 'single',
        name,
        unit: 'tokens',
        value,
        basis: `median of ${sorted.length}; 95th percentile ${percentile(sorted, 0.95)}`,
      });
    }
  }
  return { figures, notes: [`Typed in: ${typed.map(({ path }) => path).join(', ')}.`] };
}

async function readsOf(
  files: readonly SourceFile[],
  { prompting }: WayToAsk,
  {
    model,
    bundleFolder,
    signal,
  }: { readonly model: Model; readonly bundleFolder: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<Keystroke, readonly number[]>> {
  const reads = new Map<Keystroke, number[]>(keystrokes.map((kind) => [kind, []]));
  const pipeline = await InfillPipeline.open(model, { prompting, reading: 'whole', bundleFolder });
  try {
    for (const { text, languageId } of files) {
      for (const { kind, before, after } of placesIn(text).flatMap((line) => keystrokesAt(text, line))) {
        const place = { before, after, languageId };
        const { report } = await pipeline.complete(place, { maxTokens: 1, multiline: 'never' }, signal);
        if (kind !== null) reads.get(kind)?.push(report.promptTokenCount - report.cachedTokenCount);
      }
    }
  } finally {
    await pipeline.dispose();
  }
  return reads;
}

/** Lines to type in, spread over the file: with code in them, and with code in the lines around them. */
function placesIn(text: string): readonly number[] {
  const lines = text.split('\n');
  const isCode = (line: string | undefined): boolean => (line ?? '').trim().length >= 16;
  const suited = lines.flatMap((line, index) =>
    isCode(line) && isCode(lines[index - 1]) && isCode(lines[index + 1]) ? [index] : [],
  );
  return spreadOver(suited, placesPerFile, () => 1);
}
