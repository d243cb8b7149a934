import { indentWidth, opensBlock, type CursorContext, type Reach } from './cursorContext.ts';

/** Where a completion ends before the model does, and why. */
export interface Cut {
  /** Characters of the generated text to keep. */
  readonly length: number;
  readonly reason: 'lineEnd' | 'scopeEnd' | 'repeatedSuffix' | 'repetition';
}

/** Lines of text behind the cursor that a repetition is looked for in. */
const suffixLineCount = 4;
/** The same line this often in a row is a loop. */
const repetitionLimit = 3;
const closingLine = /^[)\]}]+[;,]?\)*[;,]?$|^end[;,]?$/;

/**
 * Finds where generated text (line ends `\n`) has gone on too long: behind the line where only one is wanted,
 * where the indentation leaves the scope of the cursor, where it begins to copy the text behind the cursor, and
 * where it loops. Small models seldom end by themselves, so these rules decide the quality. Looks only at what
 * cannot change any more: a cut found in a text is found in every longer one. Returns null to go on.
 */
export function findCut(text: string, context: CursorContext, reach: Reach): Cut | null {
  if (reach === 'singleLine') {
    const at = text.indexOf('\n');
    return at < 0 ? null : { length: at, reason: 'lineEnd' };
  }
  return findBlockCut(text, context);
}

function findBlockCut(text: string, context: CursorContext): Cut | null {
  const scope = scopeOf(context);
  const nextLines = context.after
    .slice(context.lineAfter.length)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(0, suffixLineCount);
  let innerIndent: number | null = scope.innerIndent;
  let blankRun = 0;
  let sameRun = 1;
  /** End of the first line of a run of equal ones. */
  let firstOfRun = 0;
  let previous: string | null = null;
  let offset = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const isComplete = offset + line.length < text.length;
    const whole = index === 0 ? context.lineBefore + line : line;
    const cutHere = (reason: Cut['reason']): Cut => ({ length: Math.max(0, offset - 1), reason });

    if (whole.trim() === '') {
      if (isComplete && index > 0) blankRun += 1;
      if (blankRun >= 2) return cutHere('scopeEnd');
    } else {
      const indent = indentWidth(whole);
      if (index > 0 || context.lineBefore.trim() === '') {
        innerIndent ??= indent;
        if (leavesScope({ indent, innerIndent, blankRun, previous })) {
          const closes = scope.opened && indent >= scope.openerIndent && closingLine.test(whole.trim());
          if (!closes) {
            // `}` may still be all there is of a line that goes on: wait for its end before deciding.
            if (!isComplete && scope.opened && /^(?:[)\]};,]+|e|en|end)$/.test(whole.trim())) return null;
            return cutHere('scopeEnd');
          }
          if (isComplete) return repeats(whole, nextLines) ? cutHere('repeatedSuffix') : endOf(offset, line);
          return null;
        }
      }
      if (isComplete && index > 0 && repeats(whole, nextLines)) return cutHere('repeatedSuffix');
      if (isComplete && whole === previous) {
        sameRun += 1;
        if (sameRun >= repetitionLimit) return { length: firstOfRun, reason: 'repetition' };
      } else {
        sameRun = 1;
        firstOfRun = offset + line.length;
      }
      blankRun = 0;
      previous = whole;
    }
    offset += line.length + 1;
  }
  return null;
}

interface Scope {
  /** The cursor's line has just opened a block. */
  readonly opened: boolean;
  readonly openerIndent: number;
  /** Least indentation that belongs to the completion; null until the first generated line shows it. */
  readonly innerIndent: number | null;
}

function scopeOf(context: CursorContext): Scope {
  const indent = indentWidth(context.lineBefore);
  if (context.lineBefore.trim() === '') {
    return { opened: false, openerIndent: indent, innerIndent: indent > 0 ? indent : null };
  }
  const opened = opensBlock(context.lineBefore) && context.lineAfter.trim() === '';
  return { opened, openerIndent: indent, innerIndent: opened ? indent + 1 : indent };
}

function leavesScope(line: {
  readonly indent: number;
  readonly innerIndent: number;
  readonly blankRun: number;
  readonly previous: string | null;
}): boolean {
  if (line.indent < line.innerIndent) return true;
  // At the outermost level there is no indentation to leave: a new paragraph is the end.
  return line.innerIndent === 0 && line.indent === 0 && line.blankRun > 0 && line.previous !== null;
}

/** The next line behind the cursor counts whatever it is; later ones only when they say something. */
function repeats(line: string, nextLines: readonly string[]): boolean {
  const trimmed = line.trimEnd();
  const [next, ...later] = nextLines;
  return trimmed === next || later.some((other) => other === trimmed && /\w{3,}.*\W/.test(other));
}

function endOf(offset: number, line: string): Cut {
  return { length: offset + line.length, reason: 'scopeEnd' };
}
