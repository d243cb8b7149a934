import { leadOf } from '../../protocol/leadOf.ts';
import type { FormattingOptions, SidecarSettings } from '../../protocol/messages.ts';
import type { ShapeReader } from '../syntax/codeShape.ts';
import { type ContextLimits, cursorContext, type CursorContext } from './cursorContext.ts';
import { type IndentStyle, indentStyle } from './indentStyle.ts';
import { InsertionReader } from './insertionShape.ts';
import { type LanguageRules, rulesOf } from './languageRules.ts';

/**
 * How far a completion may reach. `statement`: over one line, and over more until it has closed what it has opened itself and
 * breaks nothing.
 * `betweenHalves`: the same, but over several lines if it begins with a line end.
 */
export type Reach = 'singleLine' | 'statement' | 'betweenHalves' | 'multiLine';

/** Everything that decides where a completion ends. */
export interface CompletionPlace {
  readonly cursor: CursorContext;
  readonly reach: Reach;
  /** Whether the cursor's line, up to the cursor, has just opened a block. */
  readonly opensBlock: boolean;
  readonly rules: LanguageRules;
  readonly inserted: InsertionReader;
  /** How the document is indented; null where nothing says so. */
  readonly indent: IndentStyle | null;
  /** Whether a text may take the place of the rest of the cursor's line. */
  readonly mayReplaceRest: boolean;
}

/** A document, and where in it. */
export interface DocumentPlace {
  readonly text: string;
  /** UTF-16 units. */
  readonly offset: number;
  /** VS Code's identifier. */
  readonly languageId: string;
}

/** Characters around the cursor that are parsed: whole files, but for long ones. */
const parsedLimits = { beforeChars: 24_000, afterChars: 12_000 };

/** Reads a place. `limits`: characters around the cursor that prompts are made of. */
export function completionPlace(
  document: DocumentPlace,
  {
    limits,
    multiline,
    read,
    formatting,
    insertsOnly = false,
  }: {
    readonly limits: ContextLimits;
    readonly multiline: SidecarSettings['multiline'];
    readonly read: ShapeReader;
    readonly formatting?: FormattingOptions | undefined;
    readonly insertsOnly?: boolean | undefined;
  },
): CompletionPlace {
  const { text, offset, languageId } = document;
  const cursor = cursorContext(text, offset, limits);
  const rules = rulesOf(languageId);
  const { before, after } = cursorContext(text, offset, parsedLimits);
  const reachesEnd = text.length - offset <= parsedLimits.afterChars;
  const inserted = new InsertionReader(read, { before, after, reachesEnd });
  const opensBlock = hasOpened(cursor.lineBefore, inserted, rules);
  const reach = reachAt({ cursor, inserted, opensBlock }, multiline);
  const indent = indentStyle(
    { before, after },
    { nearLead: nearLead(before), rules, languageId, formatting },
  );
  return { cursor, reach, opensBlock, rules, inserted, indent, mayReplaceRest: !insertsOnly };
}

/**
 * Whether the completion may run over several lines. `auto` allows it where a block or a line begins, and the rest of the
 * line is empty or closes what the cursor has just opened.
 */
function reachAt(
  { cursor, inserted, opensBlock }: Pick<CompletionPlace, 'cursor' | 'inserted' | 'opensBlock'>,
  multiline: SidecarSettings['multiline'],
): Reach {
  if (multiline === 'always') return 'multiLine';
  if (multiline === 'never') return 'singleLine';
  const rest = cursor.lineAfter.trim();
  if (inserted.quotation !== null) {
    const isLong = inserted.quotation.kind === 'string' && inserted.isQuotationLong;
    return isLong && rest === '' ? 'multiLine' : 'singleLine';
  }
  if (rest !== '') {
    const isClosing = /^(?:[)\]}]|<\/)/.test(rest);
    return inserted.endsInOpening && isClosing ? 'betweenHalves' : 'statement';
  }
  return opensBlock || cursor.lineBefore.trim() === '' ? 'multiLine' : 'statement';
}

/** White space of the cursor's line, or of the last line above it that is indented, blank or not. Comments have their own. */
function nearLead(before: string): string {
  const lines = before.split('\n');
  return leadOf(lines.findLast((line) => leadOf(line) !== '' && !/^\s*\*/.test(line)) ?? '');
}

function hasOpened(line: string, inserted: InsertionReader, rules: LanguageRules): boolean {
  if (inserted.quotation !== null) return false;
  if (inserted.endsInOpening && line.trim() !== '') return true;
  const innermost = inserted.blocks.at(-1)?.pair;
  const isInBrackets = innermost === ')' || innermost === ']' || (!rules.endsByMarks && innermost === '}');
  const ending = line.trimEnd();
  return (!isInBrackets || ending.endsWith('=>')) && (rules.opener?.test(ending) ?? false);
}
