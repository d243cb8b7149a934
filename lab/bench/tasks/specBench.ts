import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';
import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';

/** The six kinds of Spec-Bench (2401.07851); its eight kinds of conversation count as one. */
export const specBenchCategories = [
  'conversation',
  'translation',
  'summarization',
  'qa',
  'math_reasoning',
  'rag',
] as const;
export type SpecBenchCategory = (typeof specBenchCategories)[number];

export interface SpecBenchPrompt {
  readonly id: number;
  readonly category: SpecBenchCategory;
  /** The first turn; later ones would depend on the answer. */
  readonly text: string;
}

/** Where the prompts lie in the folder of test sets: one JSON object a line, with `id`, `category` and `turns`. */
export const specBenchFile = 'spec-bench-half.jsonl';

/** The prompts in the folder, in the file's order. Throws `parameter.invalid` for a file that has none. */
export async function readSpecBench(dataFolder: string): Promise<readonly SpecBenchPrompt[]> {
  const path = join(dataFolder, specBenchFile);
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
    return lines.map((line) => parsePrompt(line));
  } catch (cause) {
    throw new CodedError(
      'parameter.invalid',
      `The prompts of Spec-Bench cannot be read from ${path}.`,
      `Give the folder that holds ${specBenchFile} with --data.`,
      { cause },
    );
  }
}

/**
 * `count` prompts of each category, chosen by seed: the same seed chooses the same whatever else is in the file of
 * other categories. Fewer where a category has no more.
 */
export function choosePrompts(
  prompts: readonly SpecBenchPrompt[],
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly SpecBenchPrompt[] {
  return specBenchCategories.flatMap((category, stream) =>
    prompts
      .filter((prompt) => prompt.category === category)
      .map((prompt, index) => ({ prompt, rank: uniformAt(seed, stream, index) }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ prompt }) => prompt),
  );
}

function parsePrompt(line: string): SpecBenchPrompt {
  const value: unknown = JSON.parse(line);
  const fields = new FieldReader(value, 'prompt');
  const name = fields.string('category');
  return {
    id: fields.number('id', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    category: specBenchCategories.find((category) => category === name) ?? 'conversation',
    text: firstTurn(value),
  };
}

function firstTurn(value: unknown): string {
  const turns: unknown = typeof value === 'object' && value !== null && 'turns' in value ? value.turns : null;
  const first: unknown = Array.isArray(turns) ? turns[0] : null;
  if (typeof first === 'string') return first;
  throw new TypeError('A prompt has turns, the first of them a text.');
}
