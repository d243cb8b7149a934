/** A closed fenced code block. */
export interface CodeBlock {
  readonly text: string;
  /** What follows the opening fence, up to the first space; empty where nothing does. */
  readonly language: string;
}

/** A block that nothing has closed. */
export interface UnclosedBlock {
  readonly language: string;
  /** The last one may not have ended. */
  readonly lines: readonly string[];
}

interface Fence {
  readonly mark: string;
  /** In columns. */
  readonly indent: number;
}

/** A closing fence may be indented by so many columns more than the opening one, as in CommonMark; one further right is code. */
const mostCloserIndent = 3;

/** The fenced code blocks of a text with `\n` line ends, in order, without their fences; `open` is a last one that nothing closes. Pure. */
export function fencedCode(text: string): {
  readonly blocks: readonly CodeBlock[];
  readonly open: UnclosedBlock | null;
} {
  const blocks: CodeBlock[] = [];
  let open: (Fence & { readonly language: string; readonly lines: string[] }) | null = null;
  for (const line of text.split('\n')) {
    const [, lead = '', mark, language = ''] = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/.exec(line) ?? [];
    const fence = mark === undefined ? null : { mark, indent: columnsOf(lead) };
    if (open === null) {
      if (fence !== null) open = { ...fence, language, lines: [] };
    } else if (fence !== null && line.trim() === fence.mark && closes(fence, open)) {
      blocks.push({ text: open.lines.join('\n'), language: open.language });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  return { blocks, open };
}

function closes(fence: Fence, opening: Fence): boolean {
  return fence.mark.startsWith(opening.mark) && fence.indent <= opening.indent + mostCloserIndent;
}

/** A tab goes on to the next column that four divides. */
function columnsOf(lead: string): number {
  let columns = 0;
  for (const blank of lead) columns += blank === '\t' ? 4 - (columns % 4) : 1;
  return columns;
}
