import type { Surface, Terminal } from '../../../sidecar/cli/terminal.ts';

export interface RecordingTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
  /** Every block of lines, in order. */
  readonly painted: readonly (readonly string[])[];
}

/** A file or a pipe: no terminal, so no colour and no width. */
const noTerminal: Surface = { isTerminal: false, hasColour: false, columns: () => Infinity };

/** A terminal of 80 cells without colour. */
export const plainTerminal: Surface = { isTerminal: true, hasColour: false, columns: () => 80 };

/** Remembers what it is given; both streams go to files and there are no keys, by default. */
export function recordingTerminal(members: Partial<Terminal> = {}): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  const painted: (readonly string[])[] = [];
  return {
    printed,
    noted,
    painted,
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
    paint: (lines) => painted.push(lines),
    leave: () => undefined,
    output: noTerminal,
    progress: noTerminal,
    readKeys: null,
    readInput: null,
    ...members,
  };
}
