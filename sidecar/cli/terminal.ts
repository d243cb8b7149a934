import type { ReadStream, WriteStream } from 'node:tty';

/** One of the streams that text goes to, as far as it matters to how text is laid out there. */
export interface Surface {
  /** A terminal that can be drawn on; elsewhere is a file, a pipe, or a terminal that only prints. */
  readonly isTerminal: boolean;
  /** Colours and weights may be used. */
  readonly hasColour: boolean;
  /** Cells of a line now; `Infinity` where there is no terminal, since nothing may be cut there. */
  readonly columns: () => number;
}

/** Where a command's output goes. Results go to `print`, everything else to standard error. */
export interface Terminal {
  /** Writes a result, with a line end, to standard output. */
  readonly print: (text: string) => void;
  /** Writes progress or advice, with a line end, to standard error. */
  readonly note: (text: string) => void;
  /** Writes to standard error as it is, for drawing in place. Only when `progress.isTerminal`. */
  readonly draw: (text: string) => void;
  /** Standard output. */
  readonly output: Surface;
  /** Standard error. */
  readonly progress: Surface;
  /** Lines of the window now; 24 where nobody knows. */
  readonly rows: () => number;
  /** Calls back for every key until the returned function is called; null where no keys can be read. */
  readonly readKeys: ((onKey: (key: string) => void) => () => void) | null;
}

/** The process's own terminal. `NO_COLOR` (https://no-color.org) and `TERM=dumb` are followed. */
export function processTerminal({ stdin, stdout, stderr, env }: NodeJS.Process): Terminal {
  const surfaceOf = (stream: WriteStream): Surface => {
    const isTerminal = stream.isTTY && env.TERM !== 'dumb';
    return {
      isTerminal,
      hasColour: isTerminal && !env.NO_COLOR,
      columns: () => (isTerminal ? stream.columns || unknownColumns : Infinity),
    };
  };
  const progress = surfaceOf(stderr);
  return {
    print: (text) => stdout.write(`${text}\n`),
    note: (text) => stderr.write(`${text}\n`),
    draw: (text) => stderr.write(text),
    output: surfaceOf(stdout),
    progress,
    rows: () => stderr.rows || unknownRows,
    readKeys: progress.isTerminal && stdin.isTTY ? (onKey) => readRawKeys(stdin, onKey) : null,
  };
}

/** The size of a terminal that does not tell its own. */
const unknownColumns = 80;
const unknownRows = 24;

/** What Ctrl-C is read as while keys are read raw, and the terminal raises no signal for it. */
const interruptKey = '\u0003';

/**
 * Reads single keys without waiting for Enter; the returned function puts the terminal back. Ctrl-C interrupts the
 * process as ever.
 */
function readRawKeys(stdin: ReadStream, onKey: (key: string) => void): () => void {
  const onData = (bytes: Buffer) => {
    for (const key of bytes.toString('utf8')) {
      if (key === interruptKey) process.kill(process.pid, 'SIGINT');
      else onKey(key);
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
