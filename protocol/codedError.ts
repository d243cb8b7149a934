/** Every way a request can fail, named for the cause. Callers and tests decide on the code, never on the text. */
export type ErrorCode =
  | 'adapter.incompatible'
  | 'adapter.unreadable'
  | 'batch.unreadable'
  | 'calibration.mismatch'
  | 'calibration.unbalanced'
  | 'cancelled'
  | 'completion.unsupported'
  | 'context.exceeded'
  | 'disk.full'
  | 'document.changed'
  | 'document.unknown'
  | 'download.corrupt'
  | 'download.failed'
  | 'draft.incompatible'
  | 'engine.failed'
  | 'grammar.invalid'
  | 'library.incompatible'
  | 'library.missing'
  | 'memory.insufficient'
  | 'model.missing'
  | 'model.quarantined'
  | 'model.tooWeak'
  | 'model.unreadable'
  | 'model.unsupported'
  | 'parameter.invalid'
  | 'plan.invalid'
  | 'questions.invalid'
  | 'request.unknown'
  | 'sidecar.gone'
  | 'source.unsupported'
  | 'store.unwritable'
  | 'template.tooLarge'
  | 'template.tooMuchMemory'
  | 'template.tooSlow'
  | 'trace.unreadable'
  | 'valueHead.missing';

/** A failure as it crosses a wire: what happened, what it means, and what the user can do about it. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** One imperative sentence; the editor turns it into a button where it knows the command. */
  readonly remedy: string;
}

/** Whether a value that came over a wire is an `ErrorData`. A code of another version passes: nobody acts on it. */
export function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, remedy } = value as Partial<Record<keyof ErrorData, unknown>>;
  return typeof code === 'string' && typeof message === 'string' && typeof remedy === 'string';
}

/** A failure with a code. Thrown inside a process, converted to `ErrorData` once at its boundary. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
    this.remedy = remedy;
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, remedy: this.remedy };
  }

  static fromData(data: ErrorData): CodedError {
    return new CodedError(data.code, data.message, data.remedy);
  }
}

/** Any thrown value as a `CodedError`: coded errors pass through, the rest become `engine.failed` with their cause. */
export function toCodedError(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CodedError('engine.failed', message, 'Open the log and report this as a bug.', {
    cause: thrown,
  });
}
