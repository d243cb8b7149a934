export type AnswerBlock =
  | { readonly type: 'prose'; readonly text: string }
  | { readonly type: 'code'; readonly language: string; readonly text: string };

const fence = /^ {0,3}(```+|~~~+)\s*([^\s`]*)[^`]*$/u;

/** Splits an answer into paragraphs and fenced code. A fence never closed runs to the end. Pure. */
export function splitAnswer(text: string): readonly AnswerBlock[] {
  const blocks: AnswerBlock[] = [];
  let lines: string[] = [];
  let open: { readonly mark: string; readonly language: string } | null = null;
  const close = (): void => {
    const joined = lines.join('\n');
    lines = [];
    if (open !== null) blocks.push({ type: 'code', language: open.language, text: joined });
    else if (joined.trim() !== '') blocks.push({ type: 'prose', text: joined.trim() });
  };
  for (const line of text.split(/\r?\n/u)) {
    const match = fence.exec(line);
    const mark = match?.[1];
    if (open === null && mark !== undefined) {
      close();
      open = { mark, language: match?.[2] ?? '' };
    } else if (open !== null && mark !== undefined && mark.startsWith(open.mark) && match?.[2] === '') {
      close();
      open = null;
    } else if (open === null && line.trim() === '') close();
    else lines.push(line);
  }
  close();
  return blocks;
}
