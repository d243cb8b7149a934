import type { Terminal } from '../terminal.ts';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const eraseToEnd = '\x1b[J';
const eraseLineEnd = '\x1b[K';

/**
 * Repaints a block of lines in place. Lines must fit the terminal's width; what does not fit its height is left
 * out at the top, since a line that has scrolled away cannot be painted again. The cursor is hidden within a frame
 * and never between two: whoever kills the process finds it where it belongs.
 */
export class Painter {
  readonly #terminal: Terminal;
  #paintedLines = 0;
  #lastFrame = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  paint(lines: readonly string[]): void {
    const visible = lines.slice(-Math.max(1, this.#terminal.rows() - 1));
    const body = visible.map((line) => `${line}${eraseLineEnd}\n`).join('');
    if (body === this.#lastFrame) return;
    this.#terminal.draw(`${hideCursor}${this.#upToTop()}${body}${eraseToEnd}${showCursor}`);
    this.#paintedLines = visible.length;
    this.#lastFrame = body;
  }

  #upToTop(): string {
    return this.#paintedLines === 0 ? '' : `\x1b[${this.#paintedLines}A\r`;
  }
}
