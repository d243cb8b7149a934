import type { SuppressedReason } from '../../protocol/health.ts';
import { findCut, type Cut } from './completionCut.ts';
import { fromCursor, type CursorContext, type Reach } from './cursorContext.ts';

/**
 * A completion ready to insert, or why there is none. `cut` is null where the model's own end stands.
 * `generatedLength` counts the characters of generated text it was made from: what came behind them does not
 * depend on the request alone, since generation ends a few tokens after the cut is noticed.
 */
export type FinishedCompletion =
  | {
      readonly type: 'text';
      readonly text: string;
      readonly cut: Cut | null;
      readonly generatedLength: number;
    }
  | { readonly type: 'suppressed'; readonly reason: SuppressedReason };

/**
 * Turns generated text into what is inserted: cut by the stop rules, without an unfinished last line when the
 * token limit broke it off, without what the rest of the line says already, with the document's line ends. Pure.
 */
export function finishCompletion(
  generated: string,
  context: CursorContext,
  options: { readonly reach: Reach; readonly wasTruncated: boolean },
): FinishedCompletion {
  const raw = wellFormed(fromCursor(generated, context)).replaceAll('\r\n', '\n');
  const cut = findFinalCut(raw, context, options);
  const kept = cut === null ? dropUnfinishedLine(raw, options.wasTruncated) : raw.slice(0, cut.length);
  if (kept === '') return { type: 'suppressed', reason: 'emptyCompletion' };
  const trimmed = kept.replace(/\s+$/, '');
  if (trimmed === '') return { type: 'suppressed', reason: 'onlyWhitespace' };
  const text = removeOverlap(trimmed, context);
  if (text.trim() === '' || repeatsNextLine(text, context)) {
    return { type: 'suppressed', reason: 'duplicatesSuffix' };
  }
  return {
    type: 'text',
    text: text.replaceAll('\n', context.lineEnd),
    cut,
    generatedLength: generated.length - raw.length + trimmed.length,
  };
}

/** The cut with the last line taken for complete, as it is once the model has ended by itself. */
function findFinalCut(
  raw: string,
  context: CursorContext,
  options: { readonly reach: Reach; readonly wasTruncated: boolean },
): Cut | null {
  const cut = findCut(options.wasTruncated ? raw : `${raw}\n`, context, options.reach);
  return cut === null || cut.length >= raw.length ? null : cut;
}

/** A whole line that is the next one below already. */
function repeatsNextLine(text: string, context: CursorContext): boolean {
  if (context.lineBefore.trim() !== '' || context.lineAfter.trim() !== '') return false;
  const next = context.after.split('\n').find((line) => line.trim() !== '');
  return next !== undefined && next.trimEnd() === context.lineBefore + text;
}

function dropUnfinishedLine(text: string, wasTruncated: boolean): string {
  const lastLine = text.lastIndexOf('\n');
  return wasTruncated && lastLine > 0 ? text.slice(0, lastLine) : text;
}

/**
 * Removes the end of `text` that stands behind the cursor already. Closing brackets alone are removed only where
 * they close more than is open, because `f(g(|)` may well need one more than it has.
 */
function removeOverlap(text: string, context: CursorContext): string {
  const rest = context.lineAfter.trim();
  if (rest === '') return text;
  for (let length = Math.min(rest.length, text.length); length > 0; length -= 1) {
    const overlap = rest.slice(0, length);
    if (!text.endsWith(overlap)) continue;
    const without = text.slice(0, text.length - length);
    if (/^[;,\s]+$/.test(overlap)) return without;
    if (/^[)\]}'"`;,\s]+$/.test(overlap)) {
      const line = context.lineBefore + text + context.lineAfter;
      if (bracketBalance(line) >= 0 && quotesPair(line)) continue;
    } else if (length < rest.length && length < 3) {
      // One or two letters in common say nothing.
      continue;
    }
    return without;
  }
  return text;
}

/** Opening less closing brackets; brackets in strings count too, which both sides of a comparison share. */
function bracketBalance(text: string): number {
  let balance = 0;
  for (const character of text) {
    if ('([{'.includes(character)) balance += 1;
    else if (')]}'.includes(character)) balance -= 1;
  }
  return balance;
}

function quotesPair(text: string): boolean {
  return ['"', "'", '`'].every((quote) => text.split(quote).length % 2 === 1);
}

/** Text without halves of surrogate pairs, which an editor would show as a replacement character. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}
