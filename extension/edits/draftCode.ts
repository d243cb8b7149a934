import type { EditKind } from '../../protocol/edit.ts';
import { fencedCode } from '../../protocol/fencedCode.ts';
import type { AssumedText, DocumentRange } from '../../protocol/messages.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { linesOf, wholeLinesOf, withChanges } from './documentLines.ts';
import { ProposedEdit } from './proposedEdit.ts';

/** What the first candidate has written so far: the one that is shown while it writes. */
export class FirstAnswer {
  #text = '';

  get text(): string {
    return this.#text;
  }

  append(events: readonly TraceEvent[]): void {
    for (const event of events) {
      if (event.type === 'cue/appended' && event.candidateId === 0) this.#text += event.text;
      if (event.type === 'tokens/appended' && event.candidateId === 0 && event.purpose === 'answer')
        this.#text += event.tokens.texts.join('');
    }
  }
}

/** The lines of an answer's first code block, which may not have ended; null before it began. Pure. */
export function codeSoFar(answer: string): readonly string[] | null {
  const text = toLineFeeds(answer);
  const { blocks, open } = fencedCode(text);
  const [first] = blocks;
  if (first !== undefined) return linesOf(first.text);
  // The line of the fence has not ended.
  if (open === null || open.lines.length === 0) return null;
  // A fence that is being written is not code.
  const isFence = /^[ \t]*(?:`+|~+)$/u.test(open.lines.at(-1) ?? '');
  return isFence ? open.lines.slice(0, -1) : open.lines;
}

/** The lines of its code that have ended, for a view that is calm while a line is written; null before the first. Pure. */
export function endedCode(answer: string): readonly string[] | null {
  return codeSoFar(answer.slice(0, Math.max(0, answer.lastIndexOf('\n'))));
}

/**
 * The document while an answer is being written: its code so far, then the old lines that are not written anew yet. Pure. Only
 * to look at: the result says what takes the place of what.
 */
export function draftOf(
  base: readonly string[],
  { kind, range }: { readonly kind: EditKind; readonly range: DocumentRange },
  code: readonly string[],
): readonly string[] {
  const { start, end } = range;
  if (start.line === end.line && start.character === end.character) {
    const lead = kind === 'continue' || start.character === 0 ? '' : '\n';
    const whole = wholeLinesOf(base, [{ range, newText: lead + code.join('\n') }]);
    return whole === null ? base : withChanges(base, [whole]);
  }
  const after = end.character === 0 ? end.line : end.line + 1;
  const removed = Math.min(code.length, after - start.line);
  const added = indentedLike(base[start.line] ?? '', code);
  return withChanges(base, [{ start: start.line, removed, added }]);
}

/**
 * A draft in the document as it is by now, with what was typed since `base`: `changes`, in order. `lines` are those of the document.
 * Pure.
 */
export function followedDraft(
  draft: readonly string[],
  { base, changes }: { readonly base: readonly string[]; readonly changes: readonly AssumedText[] },
  lines: readonly string[],
): readonly string[] {
  if (changes.length === 0) return draft;
  const end = { line: base.length - 1, character: base.at(-1)?.length ?? 0 };
  const whole = { range: { start: { line: 0, character: 0 }, end }, newText: draft.join('\n') };
  return new ProposedEdit(base, [whole], changes).preview(lines).lines;
}

/** Code that begins further left than what it replaces, moved as far right. */
function indentedLike(first: string, code: readonly string[]): readonly string[] {
  const wanted = leadOf(first);
  const written = leadOf(code.find((line) => line.trim() !== '') ?? '');
  if (!wanted.startsWith(written) || wanted === written) return code;
  const missing = wanted.slice(written.length);
  return code.map((line) => (line.trim() === '' ? line : missing + line));
}

/** A title for what was asked, short enough for a tab. Pure. */
export function editTitle(fileName: string, asked: string): string {
  const [first = ''] = linesOf(asked.trim());
  const short = first.length > 60 ? `${first.slice(0, 59)}…` : first.trimEnd();
  return short === '' ? fileName : `${fileName}: ${short}`;
}
