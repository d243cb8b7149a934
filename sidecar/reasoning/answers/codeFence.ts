import { type CodeBlock, fencedCode } from '../../../protocol/fencedCode.ts';

/** The contents of all closed fenced code blocks, in order, without their fences and language names. */
export function fencedBlocks(text: string): readonly string[] {
  return fencedCode(text).blocks.map((block) => block.text);
}

/**
 * The block that a text is about: the longest closed one that is not an example of another. An example calls by name what an
 * earlier block defines, and does not define it anew. Null without any block.
 */
export function mainBlock(text: string): CodeBlock | null {
  return mainBlockOf(fencedCode(text).blocks);
}

/** The same of some blocks of a text, in its order. */
export function mainBlockOf(blocks: readonly CodeBlock[]): CodeBlock | null {
  const defined = new Set<string>();
  let main: CodeBlock | null = null;
  for (const block of blocks) {
    const own = definedNames(block.text);
    const isExample = wordsOf(block.text).some((word) => defined.has(word) && !own.has(word));
    for (const name of own) defined.add(name);
    if (!isExample && (main === null || block.text.length > main.text.length)) main = block;
  }
  return main;
}

/** At the beginning of a line: what is local to a program is nobody else's to use. */
const definition =
  /^(?:(?:export|default|public|pub|static|async|abstract)\s+)*(?:def|function|class|fn|func|fun|sub|const|let|var|interface|struct|enum|trait|type)\s+(\w+)|^\w[\w<>[\]*&:, ]*\b(\w+)\s*\([^()]*\)\s*\{/gm;
/** What looks like a definition in languages of the C family and is none. */
const controlWords: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'catch']);

/** Names that code defines at the beginning of its lines. */
export function definedNames(code: string): ReadonlySet<string> {
  const names = [...code.matchAll(definition)].map(([, named, called]) => named ?? called ?? '');
  return new Set(names.filter((name) => !controlWords.has(name)));
}

function wordsOf(code: string): readonly string[] {
  return code.match(/\w+/g) ?? [];
}

/** The first fenced code block, whether anything closes it or not, without a last line that is not ended; null without any. */
export function firstBlock(text: string): { readonly text: string; readonly isClosed: boolean } | null {
  const { blocks, open } = fencedCode(text);
  const [first] = blocks;
  if (first !== undefined) return { text: first.text, isClosed: true };
  return open === null ? null : { text: open.lines.slice(0, -1).join('\n'), isClosed: false };
}

/** Whether a fence was opened that nothing closes. */
export function hasOpenFence(text: string): boolean {
  return fencedCode(text).open !== null;
}
