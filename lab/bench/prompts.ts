import type { Model, TokenId } from '../../sidecar/engine/engine.ts';
import { ledgerModule } from './tasks/pythonRenames.ts';

/** Text that any model goes on with for hundreds of tokens. */
export const countingText = 'Count upwards, one number a line.\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n';

export const storyQuestion =
  'Write a long, detailed story about a lighthouse keeper who learns to repair clocks. Do not stop early.';

/** Questions whose answers are in no prompt. */
export const openQuestions = [
  'Explain in two paragraphs how a hash table finds a key.',
  'Write a Python function that checks whether a string of brackets is balanced, and explain it.',
  'What should one consider when choosing between a relational database and plain files?',
  'Describe how a bicycle stays upright when it moves.',
  'Write a TypeScript class for a queue with a fixed capacity, with comments.',
  'Give five tips for writing a good commit message, each with a reason.',
] as const;

/** Rendering has a time limit of its own. */
const unhurried = new AbortController().signal;

/** Tokens of a chat turn with this question. */
export async function chatTokens(model: Model, question: string): Promise<readonly TokenId[]> {
  const prompt = await model.renderChat([{ role: 'user', content: question }], {}, unhurried);
  return model.tokenize(prompt, { special: true });
}

/** Prompts that differ from the first token on, also from those of another `variant`, and whose texts never end. */
export async function countingPrompts(
  model: Model,
  count: number,
  variant: number,
): Promise<readonly (readonly TokenId[])[]> {
  const texts = Array.from({ length: count }, (_, part) => {
    const first = 100 * (part + 1);
    const numbers = Array.from({ length: 12 }, (_number, index) => `${first + index}\n`).join('');
    return `${variant}.${part}: Count upwards from ${first}, one number a line.\n${numbers}`;
  });
  return Promise.all(texts.map((text) => model.tokenize(text, { special: false })));
}

/**
 * A prompt of exactly `count` tokens that shares no beginning with one of another `variant`, so that nothing of it
 * can be cached.
 */
export async function coldPrompt(model: Model, count: number, variant: number): Promise<readonly TokenId[]> {
  const text = await model.tokenize(`${variant}. ${ledgerModule}`, { special: false });
  return Array.from({ length: count }, (_, index) => text[index % text.length] ?? 0);
}
