import {
  type CodeShape,
  type Mark,
  type Quotation,
  quotationAt,
  type ShapeReader,
  type TextRange,
} from '../syntax/codeShape.ts';
import { type OpenBlock, openBlocks } from './openBlocks.ts';

/** The text around a cursor, line ends `\n`. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
  /** Whether `after` is the document's to its end. */
  readonly reachesEnd: boolean;
}

/** What a text inserted at a cursor is made of. Offsets count from the cursor. */
export interface InsertedShape {
  readonly marks: readonly Mark[];
  readonly quotations: readonly Quotation[];
  /**
   * Errors of the whole text with it, less those without it. 0 where the text has so many already that the grammar seems to be
   * another, and where either number is unknown, for want of a grammar or because it took too long to count them.
   */
  readonly addedErrors: number;
  /** False where that number is 0 only because it is unknown. */
  readonly knowsErrors: boolean;
}

/** Errors of a text that somebody is typing, at most: one statement that lacks its middle has seldom more than two. */
const mostErrorsBefore = 4;

/**
 * Reads what texts would be once they are inserted at one place. Each text is read once, and read in the midst of the
 * document: what is a string and what is code depends on both sides.
 */
export class InsertionReader {
  readonly #read: ShapeReader;
  readonly #around: Surroundings;
  /** Null where they are unknown. */
  readonly #errorsBefore: number | null;
  /** By what they replace, and by the text. */
  readonly #shapes = new Map<string, InsertedShape>();
  #errorsOfHole: number | null = null;
  /** Tags that the cursor is in, by where they begin. */
  readonly #spanning: readonly number[];
  /** Open at the cursor, the innermost last. */
  readonly blocks: readonly OpenBlock[];
  /** The string or comment that the cursor is in; null in code. */
  readonly quotation: Quotation | null;
  /** Whether that string or comment has several lines. */
  readonly isQuotationLong: boolean;
  /** What ends that string or comment; null where a line end does, or nothing of the kind is known. */
  readonly delimiter: string | null;
  /** Whether a bracket, a word or a tag straight before the cursor, blanks aside, has just opened a block. */
  readonly endsInOpening: boolean;

  constructor(read: ShapeReader, around: Surroundings) {
    this.#read = read;
    this.#around = around;
    const { before, after, reachesEnd } = around;
    const shape = this.#shapeOf(before + after);
    this.#errorsBefore = shape.errorCount;
    this.blocks = openBlocks(before + after, shape, { offset: before.length, reachesEnd });
    this.quotation =
      quotationAt(shape.quotations, before.length) ?? commentEndingAt(shape.quotations, before);
    const quoted =
      this.quotation === null ? '' : (before + after).slice(this.quotation.start, this.quotation.end);
    this.isQuotationLong = quoted.includes('\n');
    this.delimiter = delimiterOf(quoted, this.quotation?.kind ?? null);
    this.#spanning = shape.marks.filter((mark) => spans(mark, before.length)).map(({ at }) => at);
    const last = shape.marks.findLast(({ at }) => at < before.length);
    this.endsInOpening = last?.opens === true && /^[ \t]*$/.test(before.slice(last.at + last.length));
  }

  /**
   * How many errors, 0 or more, the cursor's line causes, because it is not finished: those of the document, less those that it
   * has without that line. A text that completes the line removes so many.
   */
  get errorsOfHole(): number {
    const { before, after } = this.#around;
    if (this.#errorsBefore === null || this.#errorsBefore > mostErrorsBefore) return 0;
    const lineStart = before.lastIndexOf('\n') + 1;
    const lineEnd = after.indexOf('\n');
    this.#errorsOfHole ??= Math.max(
      0,
      less(
        this.#errorsBefore,
        this.#shapeOf(before.slice(0, lineStart) + (lineEnd < 0 ? '' : after.slice(lineEnd + 1))).errorCount,
      ),
    );
    return this.#errorsOfHole;
  }

  /** Shape of a text at the cursor, which takes the place of the next `replacedLength` UTF-16 units. */
  shapeOf(insertion: string, replacedLength = 0): InsertedShape {
    const key = `${replacedLength} ${insertion}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const { before, after } = this.#around;
    const [from, to] = [before.length, before.length + insertion.length];
    const whole = this.#shapeOf(before + insertion + after.slice(replacedLength), { from, to });
    const shape = {
      marks: whole.marks
        // A tag that begins before the cursor, and is one only with the insertion, counts as inserted.
        .filter((mark) =>
          mark.at >= from ? mark.at < to : spans(mark, from) && !this.#spanning.includes(mark.at),
        )
        .map((mark) => ({ ...mark, at: mark.at - from })),
      quotations: whole.quotations
        .filter(({ start, end }) => end > from && start < to)
        .map((quotation) => ({ ...quotation, start: quotation.start - from, end: quotation.end - from })),
      ...this.#addedErrors(whole),
    };
    this.#shapes.set(key, shape);
    return shape;
  }

  #addedErrors({ errorCount }: CodeShape): Pick<InsertedShape, 'addedErrors' | 'knowsErrors'> {
    const before = this.#errorsBefore;
    return errorCount === null || before === null || before > mostErrorsBefore
      ? { addedErrors: 0, knowsErrors: false }
      : { addedErrors: errorCount - before, knowsErrors: true };
  }

  #shapeOf(text: string, part?: TextRange): CodeShape {
    return this.#read(text, part) ?? { marks: [], quotations: [], errorCount: null };
  }
}

/** What one count is more than another; 0 where either is unknown. */
function less(count: number | null, other: number | null): number {
  return count === null || other === null ? 0 : count - other;
}

function spans({ at, length }: Mark, offset: number): boolean {
  return at < offset && at + length > offset;
}

/** A line comment that ends at the cursor: what is typed belongs to it. */
function commentEndingAt(quotations: readonly Quotation[], before: string): Quotation | null {
  const isLine = !/(?:\*\/|-->)$/.test(before);
  const found = quotations.find(({ kind, end }) => kind === 'comment' && end === before.length && isLine);
  return found ?? null;
}

function delimiterOf(quoted: string, kind: Quotation['kind'] | null): string | null {
  switch (kind) {
    case 'string':
      return /^[\p{L}$@#]*("""|'''|["'`])/u.exec(quoted)?.[1] ?? null;
    case 'comment':
      return /(?:\*\/|-->)$/.exec(quoted)?.[0] ?? null;
    case 'code':
    case null:
      return null;
  }
}
