import { join } from 'node:path';
import { completionPlace } from '../../../sidecar/completion/completionPlace.ts';
import { inDocumentIndent } from '../../../sidecar/completion/indentation.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { type ShapeReaders, shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import type { Figure, PartResult } from '../figure.ts';
import { type BlockSpan, blockSpans, inUnit } from './blockSpans.ts';
import { keepsStyle } from './indentationPart.ts';
import type { InfillPartContext } from './infillPart.ts';
import { cutSpans } from './spanSet.ts';

const units = ['  ', '    ', '\t'];
/** Characters around the cursor: the windows of a prompt, as far as indentation looks at them. */
const limits = { beforeChars: 3000, afterChars: 800 };

/**
 * Has blocks of files indented that are written in another unit, as a model might write them, and in their own. No model is
 * asked.
 */
export async function rewrittenPart({
  infill,
  bundleFolder,
  signal,
}: Pick<InfillPartContext, 'infill' | 'bundleFolder' | 'signal'>): Promise<PartResult> {
  const shapes = shapeReaders(join(bundleFolder, 'syntax'), systemClock);
  const cut = await cutSpans(infill.spanFolder, { count: infill.spans * 2, shapes, signal });
  const spans = blockSpans(cut).slice(0, infill.spans);
  const counts = { own: 0, unchanged: 0, others: 0, kept: 0, restored: 0 };
  for (const span of spans) {
    for (const unit of units) {
      const outcome = await indented(span, unit, shapes);
      if (unit === span.style.unit) {
        counts.own += 1;
        if (outcome.isSame) counts.unchanged += 1;
        continue;
      }
      counts.others += 1;
      if (outcome.isKept) counts.kept += 1;
      if (outcome.isSame) counts.restored += 1;
    }
  }
  const share = (name: string, value: number, of: number): Figure => {
    return { type: 'single', name, unit: 'share', value: value / of, basis: `${value} of ${of} blocks` };
  };
  return {
    figures: [
      share('blocks in their file’s unit: unchanged', counts.unchanged, counts.own),
      share('blocks in another unit: indented as the file', counts.kept, counts.others),
      share('blocks in another unit: as they were in the file', counts.restored, counts.others),
    ],
    notes: [],
  };
}

/** What becomes of the lines that were cut out if they are written in a unit. */
async function indented(
  { before, middle, after, style, languageId }: BlockSpan,
  unit: string,
  shapes: ShapeReaders,
): Promise<{ readonly isSame: boolean; readonly isKept: boolean }> {
  const read = await shapes.of(languageId);
  const document = { text: before + after, offset: before.length, languageId };
  const place = completionPlace(document, { limits, multiline: 'auto', read });
  const own = middle.replaceAll(style.lineEnd, '\n');
  const written = own
    .split('\n')
    .map((line) => inUnit(line, style.unit, unit))
    .join('\n');
  const { text } = inDocumentIndent(written, place);
  const shown = text.replaceAll('\n', style.lineEnd);
  return { isSame: text === own, isKept: keepsStyle({ before, after, style }, shown, read) };
}
