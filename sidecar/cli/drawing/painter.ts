const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const eraseToEnd = '\x1b[J';
const eraseLine = '\x1b[2K';

/**
 * A block of lines at the bottom of a terminal, repainted in place. Lines must fit the terminal's width; what does
 * not fit its height is left out at the top, since a line that has scrolled away cannot be painted again. The
 * cursor is hidden within a frame and never between two: a killed process leaves it where it belongs.
 */
export class Painter {
  readonly #write: (text: string) => void;
  readonly #rows: () => number;
  #block: readonly string[] = [];
  #paintedLines = 0;

  /** `rows` gives the lines of the window now. */
  constructor(write: (text: string) => void, rows: () => number) {
    this.#write = write;
    this.#rows = rows;
  }

  /** Puts these lines in place of the block; none takes it away. */
  paint(lines: readonly string[]): void {
    if (lines.length === this.#block.length && lines.every((line, index) => line === this.#block[index]))
      return;
    this.#block = lines;
    this.#draw();
  }

  /** Lets something else be written in place of the block; the block goes on below it. */
  makeWay(write: () => void): void {
    if (this.#paintedLines > 0) this.#write(this.#upToTop() + eraseToEnd);
    this.#paintedLines = 0;
    write();
    if (this.#block.length > 0) this.#draw();
  }

  /** Leaves the block standing; the next one begins below it. */
  leave(): void {
    this.#block = [];
    this.#paintedLines = 0;
  }

  #draw(): void {
    const visible = this.#block.slice(-Math.max(1, this.#rows() - 1));
    // Before the line: after one that fills its row, it would take the last character with it.
    const body = visible.map((line) => `${eraseLine}${line}\n`).join('');
    this.#write(`${hideCursor}${this.#upToTop()}${body}${eraseToEnd}${showCursor}`);
    this.#paintedLines = visible.length;
  }

  #upToTop(): string {
    return this.#paintedLines === 0 ? '' : `\x1b[${this.#paintedLines}A\r`;
  }
}
