import { type IndentedFile, inFileIndent } from '../../protocol/fileIndent.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';

/** Where code is put into a document. */
export interface CodePlace {
  /** The document as it is now. */
  readonly file: IndentedFile;
  /** Text of the first line before it. */
  readonly lineBefore: string;
  /** What it replaces; '' for nothing. */
  readonly replaced: string;
}

/**
 * Code as it is put at a place, with line ends `\n`: with the tabs or blanks of its document, indented as that place is, with the
 * line end that the replaced text ended with. In the middle of a line it is not moved. Pure.
 */
export function codeAt(code: string, { file, lineBefore, replaced }: CodePlace): string {
  const ending = /[\r\n]$/u.test(replaced) ? '\n' : '';
  const lines = inFileIndent(toLineFeeds(code).replace(/\n+$/u, '').split('\n'), file);
  if (lineBefore.trim() !== '') return lines.join('\n') + ending;
  const ownLead = leadOf(replaced);
  const shared = commonLead(lines);
  const indented = lines.map((line, index) => {
    if (line.trim() === '') return '';
    return (index === 0 ? ownLead : lineBefore + ownLead) + line.slice(shared.length);
  });
  return indented.join('\n') + ending;
}

/** The longest indentation that all lines with text in them begin with. */
function commonLead(lines: readonly string[]): string {
  const leads = lines.filter((line) => line.trim() !== '').map(leadOf);
  const [first = '', ...others] = leads;
  let length = first.length;
  for (const lead of others) while (!lead.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
