/** A closed fenced code block. */
export interface CodeBlock {
  readonly text: string;
  /** What stands behind the opening fence, up to the first space; empty where nothing does. */
  readonly language: string;
}

/** The contents of all closed fenced code blocks, in order, without their fences and language names. */
export function fencedBlocks(text: string): readonly string[] {
  return scan(text).blocks.map((block) => block.text);
}

/** The longest closed block of a text: what it is about, where shorter ones show a use of it. Null without any. */
export function longestBlock(text: string): CodeBlock | null {
  const [first, ...others] = scan(text).blocks;
  return others.reduce((longest, block) => {
    return block.text.length > (longest?.text.length ?? 0) ? block : longest;
  }, first ?? null);
}

/** Whether a fence was opened that nothing closes. */
export function hasOpenFence(text: string): boolean {
  return scan(text).isOpen;
}

interface OpenFence {
  readonly mark: string;
  readonly language: string;
  readonly lines: string[];
}

function scan(text: string): { readonly blocks: readonly CodeBlock[]; readonly isOpen: boolean } {
  const blocks: CodeBlock[] = [];
  let open: OpenFence | null = null;
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
  return { blocks, isOpen: open !== null };
}
