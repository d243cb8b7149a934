import type { Terminal } from '../../sidecar/cli/terminal.ts';

export interface RecordingTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
  readonly drawn: readonly string[];
}

/** A terminal that remembers; 80 cells by 24 lines, without colour or keys unless told otherwise. */
export function recordingTerminal(members: Partial<Terminal> = {}): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  const drawn: string[] = [];
  return {
    printed,
    noted,
    drawn,
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
    draw: (text) => drawn.push(text),
    isOutputTerminal: false,
    isInteractive: false,
    hasColour: false,
    columns: () => 80,
    rows: () => 24,
    readKeys: null,
    ...members,
  };
}
