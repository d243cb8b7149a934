import type { LineChange } from './documentLines.ts';

/** An error that the editor reports, as far as it can be known again in a later version of its document. */
export interface KnownError {
  readonly message: string;
  readonly source: string | null;
  /** Counted from 0; null where a change took the line away. */
  readonly line: number | null;
}

/** Errors of before with their lines of after some changes, which are in order and do not overlap. Pure. */
export function movedErrors(
  errors: readonly KnownError[],
  changes: readonly LineChange[],
): readonly KnownError[] {
  return errors.map((error) => ({ ...error, line: movedLine(error.line, changes) }));
}

/**
 * The errors that were not there before. Pure. One with the same words is the same error, first that in the same line: a line that
 * was written anew may still have its old error. Of several with the same words as many are new as there are more than before.
 */
export function newErrors<E extends KnownError>(
  before: readonly KnownError[],
  now: readonly E[],
): readonly E[] {
  const left = [...before];
  const withoutKnown = (errors: readonly E[], isSame: (old: KnownError, error: E) => boolean): readonly E[] =>
    errors.filter((error) => {
      const index = left.findIndex((old) => hasSameWords(old, error) && isSame(old, error));
      if (index !== -1) left.splice(index, 1);
      return index === -1;
    });
  const elsewhere = withoutKnown(now, (old, error) => old.line === error.line);
  return withoutKnown(elsewhere, () => true);
}

function hasSameWords(one: KnownError, other: KnownError): boolean {
  return one.message === other.message && one.source === other.source;
}

function movedLine(line: number | null, changes: readonly LineChange[]): number | null {
  if (line === null) return null;
  let moved = line;
  for (const { start, removed, added } of changes) {
    if (line < start) break;
    if (line < start + removed) return null;
    moved += added.length - removed;
  }
  return moved;
}
