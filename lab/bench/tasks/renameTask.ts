/** A small file to be printed again with one function renamed and annotated: most of the answer is in the prompt. */
export interface RenameTask {
  readonly name: string;
  readonly language: 'python' | 'typescript';
  /** The function's name before and after. */
  readonly from: string;
  readonly to: string;
  /** Says in words what `parameters` and `result` are to be annotated with. */
  readonly change: string;
  /** The annotated parameters, each with its name. */
  readonly parameters: readonly string[];
  /** The result's annotation alone. */
  readonly result: string;
  readonly source: string;
}

/** The chat turn that asks for the whole changed file. */
export function renameQuestion({ language, from, to, change, source }: RenameTask): string {
  return `Rename the function ${from} to ${to} everywhere in this file and ${change}. Print the whole changed file in one code block and nothing else.

\`\`\`${language}
${source}\`\`\``;
}

/** What of an edit an answer has. */
export interface RenameOutcome {
  /** Places that name the function, parameters and a result to annotate. */
  readonly asked: number;
  /** How many of those were changed as asked. */
  readonly made: number;
  /** All are, the old name is gone, and so are at most a tenth of the lines that did not name the function. */
  readonly isWhole: boolean;
}

/** Reads what was changed off an answer's code by its text; spaces in annotations do not count. Pure. */
export function renameOutcome(task: RenameTask, answer: string): RenameOutcome {
  const { source, from, to, parameters, result } = task;
  const code = /```[^\n]*\n([\s\S]*?)(?:```|$)/.exec(answer)?.[1] ?? answer;
  const places = countOf(source, from);
  const definition = new RegExp(
    `\\b(?:def|function)\\s+(?:${from}|${to})\\s*\\([\\s\\S]*?(?:\\{|:\\s*\\n)`,
  ).exec(code);
  const signature = withoutSpaces(definition?.[0] ?? '');
  const annotations = [...parameters, task.language === 'python' ? `) -> ${result}:` : `): ${result} {`];
  const annotated = annotations.filter((text) => signature.includes(withoutSpaces(text))).length;
  const asked = places + annotations.length;
  const made = Math.min(places, countOf(code, to)) + annotated;
  const kept = source.split('\n').filter((line) => line.trim() !== '' && !line.includes(from));
  const lines = new Set(code.split('\n'));
  const keptCount = kept.filter((line) => lines.has(line)).length;
  const isWhole = made === asked && countOf(code, from) === 0 && keptCount >= 0.9 * kept.length;
  return { asked, made, isWhole };
}

function countOf(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s/g, '');
}
