/** What a command may touch of the process it runs in. Everything else comes in as arguments. */
export interface CommandIo {
  /** Results only. */
  readonly writeOut: (text: string) => void;
  /** Progress, notes and errors. */
  readonly writeError: (text: string) => void;
  /** Whether stderr is a terminal that lines can be redrawn on. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** 0 worked, 1 failed, 2 was called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** One word after `entropane`. */
export interface Command {
  readonly name: string;
  /** One line of the overview. */
  readonly summary: string;
  /** Shown by `--help` and after a usage error. */
  readonly usage: string;
  /** Throws `UsageError` for wrong arguments and `CodedError` for a failure; the caller turns both into exit codes. */
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>;
}

/** Arguments that make no sense. Ends with exit code 2 and the command's usage. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
