import type { ReadStream } from 'node:tty';

/** Where a command's output goes. Results go to `print`, everything else to standard error. */
export interface Terminal {
  /** Writes a result, with a line end, to standard output. */
  readonly print: (text: string) => void;
  /** Writes progress or advice, with a line end, to standard error. */
  readonly note: (text: string) => void;
  /** Writes to standard error as it is, for drawing in place. Only when `isInteractive`. */
  readonly draw: (text: string) => void;
  /** Standard output is a terminal: whoever reads the results reads them there. */
  readonly isOutputTerminal: boolean;
  /** Standard error is a terminal that can be drawn on. */
  readonly isInteractive: boolean;
  /** Colours and weights may be used. */
  readonly hasColour: boolean;
  /** Cells of a line now; 80 where nobody knows. */
  readonly columns: () => number;
  /** Lines of the window now; 24 where nobody knows. */
  readonly rows: () => number;
  /** Calls back for every key until the returned function is called; null where no keys can be read. */
  readonly readKeys: ((onKey: (key: string) => void) => () => void) | null;
}

/** The process's own terminal. `NO_COLOR` (https://no-color.org) and `TERM=dumb` are followed. */
export function processTerminal({ stdin, stdout, stderr, env }: NodeJS.Process): Terminal {
  const isInteractive = stderr.isTTY && env.TERM !== 'dumb';
  return {
    print: (text) => stdout.write(`${text}\n`),
    note: (text) => stderr.write(`${text}\n`),
    draw: (text) => stderr.write(text),
    isOutputTerminal: stdout.isTTY,
    isInteractive,
    hasColour: isInteractive && !env.NO_COLOR,
    columns: () => stderr.columns || 80,
    rows: () => stderr.rows || 24,
    readKeys: isInteractive && stdin.isTTY ? (onKey) => readRawKeys(stdin, onKey) : null,
  };
}

/** Reads single keys without waiting for Enter; the returned function puts the terminal back. */
function readRawKeys(stdin: ReadStream, onKey: (key: string) => void): () => void {
  const onData = (bytes: Buffer) => {
    for (const key of bytes.toString('utf8')) onKey(key);
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
