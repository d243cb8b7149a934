/** A small file to be printed again with one function renamed and annotated: most of the answer is in the prompt. */
export interface EditTask {
  readonly name: string;
  readonly language: 'python' | 'typescript';
  /** The function's name before and after. */
  readonly from: string;
  readonly to: string;
  /** Says what the annotation is of. */
  readonly wish: string;
  readonly source: string;
}

/** The chat turn that asks for the whole changed file. */
export function editQuestion({ language, from, to, wish, source }: EditTask): string {
  return `Rename the function ${from} to ${to} everywhere in this file and ${wish}. Print the whole changed file in one code block and nothing else.

\`\`\`${language}
${source}\`\`\``;
}

/**
 * Whether an answer has the new name as often as the file had the old one, the old one nowhere, and at least nine
 * tenths of the lines that did not name the function. Annotations are not judged. Pure.
 */
export function isEdited(task: EditTask, answer: string): boolean {
  const code = /```[^\n]*\n([\s\S]*?)(?:```|$)/.exec(answer)?.[1] ?? answer;
  const kept = task.source.split('\n').filter((line) => line.trim() !== '' && !line.includes(task.from));
  const lines = new Set(code.split('\n'));
  const keptCount = kept.filter((line) => lines.has(line)).length;
  return (
    countOf(code, task.to) >= countOf(task.source, task.from) &&
    countOf(code, task.from) === 0 &&
    keptCount >= 0.9 * kept.length
  );
}

function countOf(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
}
