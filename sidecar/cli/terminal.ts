import { text as readText } from 'node:stream/consumers';
import type { ReadStream, WriteStream } from 'node:tty';
import { interruptSelf } from '../process/endSignals.ts';
import { Painter } from './drawing/painter.ts';

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
  /**
   * Shows lines on standard error in place of those painted last; what is printed or noted goes above them. None
   * takes them away. Lines must fit `progress.columns`. Only when `progress.isTerminal`.
   */
  readonly paint: (lines: readonly string[]) => void;
  /** Leaves what was painted standing; what follows begins below it. */
  readonly leave: () => void;
  /** Standard output. */
  readonly output: Surface;
  /** Standard error. */
  readonly progress: Surface;
  /** Calls back for every key until the returned function is called; null where no keys can be read. */
  readonly readKeys: ((onKey: (key: string) => void) => () => void) | null;
  /** Reads standard input to its end, as UTF-8; null where that is a terminal, at which nobody would type it. */
  readonly readInput: (() => Promise<string>) | null;
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
  const painter = new Painter(
    (text) => stderr.write(text),
    () => stderr.rows || unknownRows,
  );
  const writeLine = (stream: WriteStream, text: string): void => {
    painter.makeWay(() => stream.write(`${text}\n`));
  };
  return {
    print: (text) => {
      writeLine(stdout, text);
    },
    note: (text) => {
      writeLine(stderr, text);
    },
    paint: (lines) => {
      painter.paint(lines);
    },
    leave: () => {
      painter.leave();
    },
    output: surfaceOf(stdout),
    progress,
    readKeys: progress.isTerminal && stdin.isTTY ? (onKey) => readRawKeys(stdin, onKey) : null,
    readInput: stdin.isTTY ? null : () => readText(stdin),
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
      if (key === interruptKey) interruptSelf(process, process.platform);
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
