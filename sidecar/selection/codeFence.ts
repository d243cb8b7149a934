/** The contents of all closed fenced code blocks, in order, without their fences and language names. */
export function fencedBlocks(text: string): readonly string[] {
  return scan(text).blocks;
}

/** Whether a fence was opened that nothing closes. */
export function hasOpenFence(text: string): boolean {
  return scan(text).isOpen;
}

interface OpenFence {
  readonly mark: string;
  readonly lines: string[];
}

function scan(text: string): { readonly blocks: readonly string[]; readonly isOpen: boolean } {
  const blocks: string[] = [];
  let open: OpenFence | null = null;
  for (const line of text.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (open === null) {
      if (mark !== undefined) open = { mark, lines: [] };
    } else if (mark?.startsWith(open.mark) === true && line.trim() === mark) {
      blocks.push(open.lines.join('\n'));
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  return { blocks, isOpen: open !== null };
}
