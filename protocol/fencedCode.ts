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

/** The fenced code blocks of a text with `\n` line ends, in order, without their fences; `open` is a last one that nothing closes. Pure. */
export function fencedCode(text: string): {
  readonly blocks: readonly CodeBlock[];
  readonly open: UnclosedBlock | null;
} {
  const blocks: CodeBlock[] = [];
  let open: { readonly mark: string; readonly language: string; readonly lines: string[] } | null = null;
  for (const line of text.split('\n')) {
    const [, mark, language = ''] = /^\s*(`{3,}|~{3,})\s*([^\s`]*)/.exec(line) ?? [];
    if (open === null) {
      if (mark !== undefined) open = { mark, language, lines: [] };
    } else if (mark?.startsWith(open.mark) === true && line.trim() === mark) {
      blocks.push({ text: open.lines.join('\n'), language: open.language });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  return { blocks, open };
}
