import { join } from 'node:path';
import { leadOf } from '../../../protocol/leadOf.ts';
import { toLineFeeds } from '../../../protocol/toLineFeeds.ts';
import { quotationAt, type ShapeReader } from '../../../sidecar/syntax/codeShape.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { type BlockSpan, blockSpans } from './blockSpans.ts';
import type { InfillPartContext } from './infillPart.ts';
import { InfillPipeline } from './infillPipeline.ts';
import { ReportCounts } from './reportCounts.ts';
import { cutSpans } from './spanSet.ts';
import type { PartResult } from '../figure.ts';

/** Completes the first lines of blocks, and counts texts that keep the file's indentation and line ends. */
export async function indentationPart(
  { infill, bundleFolder, note, signal }: Omit<InfillPartContext, 'dataFolder'>,
  model: Model,
): Promise<PartResult> {
  const shapes = shapeReaders(join(bundleFolder, 'syntax'), systemClock);
  // Some have no block after them.
  const cut = await cutSpans(infill.spanFolder, { count: infill.spans * 2, shapes, signal });
  const spans = blockSpans(cut).slice(0, infill.spans);
  const pipeline = await InfillPipeline.open(model, { prompting: {}, reading: infill.reading, bundleFolder });
  let [shown, severalLines, kept] = [0, 0, 0];
  const lost: string[] = [];
  const counts = new ReportCounts();
  try {
    for (const [index, span] of spans.entries()) {
      const { items, report } = await pipeline.complete(span, {}, signal);
      counts.add(report);
      const [first] = items;
      if (index % 10 === 9)
        note(`  indentation: ${kept} of ${shown} shown at ${index + 1} of ${spans.length} blocks`);
      if (first === undefined) continue;
      const { text, replacedLength } = first;
      const placed = { ...span, after: span.after.slice(replacedLength) };
      shown += 1;
      if (/\n.*\S/.test(text)) severalLines += 1;
      if (keepsStyle(placed, text, await shapes.of(span.languageId))) kept += 1;
      else {
        lost.push(span.id);
        note(`  ${span.id}, ${JSON.stringify(span.style)}: ${JSON.stringify(text)}`);
      }
    }
  } finally {
    await pipeline.dispose();
  }
  const basis = `${kept} of ${shown} shown, ${severalLines} of them with an indented line, at ${spans.length} blocks`;
  return {
    figures: [
      {
        type: 'single',
        name: 'keeps the file’s indentation',
        unit: 'share',
        value: shown === 0 ? 0 : kept / shown,
        basis,
      },
    ],
    notes: [
      'Indentation: half of the files as they are; the others rewritten to tabs, another width or the line ends of Windows.',
      `Indentation: ${counts.note}`,
      ...(lost.length === 0 ? [] : [`Indented otherwise: ${lost.join(', ')}.`]),
    ],
  };
}

/**
 * Whether each line of a text is indented by whole units, as a line of the file is, under a bracket of the line above or by the
 * star of a comment, and ends as lines of the file do. Blank lines and strings of several lines do not count. Pure.
 */
export function keepsStyle(
  { before, after, style }: Pick<BlockSpan, 'before' | 'after' | 'style'>,
  text: string,
  read: ShapeReader,
): boolean {
  if (/[\r\n]/.test(text.replaceAll(style.lineEnd, ''))) return false;
  const leads = new Set((before + after).split('\n').map(leadOf));
  const start = toLineFeeds(before);
  const written = toLineFeeds(text);
  const quotations = read(start + written + toLineFeeds(after))?.quotations ?? [];
  let at = start.length;
  let above = start.slice(start.lastIndexOf('\n') + 1);
  for (const [index, line] of written.split('\n').entries()) {
    const isQuoted = quotationAt(quotations, at)?.kind === 'string';
    const counts = index > 0 && line.trim() !== '' && !isQuoted;
    if (counts && !isOfStyle(line, { leads, unit: style.unit, above })) return false;
    at += line.length + 1;
    above = index === 0 ? above + line : line;
  }
  return true;
}

function isOfStyle(
  line: string,
  {
    leads,
    unit,
    above,
  }: { readonly leads: ReadonlySet<string>; readonly unit: string; readonly above: string },
): boolean {
  const lead = leadOf(line);
  const isWhole = (blank: string): boolean => blank.replaceAll(unit, '') === '';
  const isStar = line.charAt(lead.length) === '*' && isWhole(lead.slice(0, -1));
  return isWhole(lead) || leads.has(lead) || isStar || /[([{]/.test(above.charAt(lead.length - 1));
}
