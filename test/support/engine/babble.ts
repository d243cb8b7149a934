import { choiceGrammar } from '../../../sidecar/engine/choiceGrammar.ts';
import type { Script } from '../../../sidecar/engine/scripted/script.ts';
import { philox } from '../../../sidecar/numeric/random.ts';

const words = [
  ' so',
  ' then',
  ' it is',
  '.',
  '\n',
  ' 12',
  ' 9',
  '\nFinal answer:',
  ' because',
  ' = 12',
  '```',
  '\n```python\n',
  '\n```\n',
  '!',
];

/** A question that asks for code; a model that babbles mostly writes a program for it. */
export const codeQuestion = 'Write a Python function that adds two numbers.';
/** A program from where it stands: a generation may end with each of its lines. */
function restOfProgram(text: string, value: number): readonly string[] {
  const lines = ['\n```python\n', `x = ${value}\n`, '```\n'];
  const written = text.endsWith('```python\n') ? 1 : /```python\nx = \d\n$/u.test(text) ? 2 : 0;
  return lines.slice(written);
}

/** What a checker, judge or critic may say within its grammar. */
function verdictBy(grammar: string, draw: (index: number) => number): string {
  if (grammar.includes('"yes"')) return draw(1) % 2 === 0 ? 'yes' : 'no';
  const [, others] = /score \(", " score\)\{(\d+)\}/u.exec(grammar) ?? [];
  if (others === undefined) return String(draw(1) % 4);
  const scores = Array.from({ length: Number(others) + 1 }, (_, index) => draw(index + 1) % 10);
  return `{"checklist": ["Four legs"], "scores": [${scores.join(', ')}]}`;
}

/**
 * A model that babbles: words, length and entropy drawn from the request's seed, so equal requests write the same. Every other
 * time it keeps to a grammar that it is held to, and answers what it is asked.
 */
export const babble: Script = ({ sequence, call, text, request }) => {
  const draw = (index: number): number => philox([sequence, call, index, 0], [request.seed, 9])[0];
  const { grammar = request.choices && choiceGrammar(request.choices) } = request;
  if (grammar !== undefined && request.seed % 2 === 0) return verdictBy(grammar, draw);
  if (draw(60) % 4 > 0) {
    if (text.includes(codeQuestion)) return restOfProgram(text, draw(1) % 3);
    return text.endsWith('Final answer:') ? [` ${draw(1) % 3}`, '\n'] : [' so', '\nFinal answer:'];
  }
  return Array.from({ length: draw(0) % 60 }, (_, index) => ({
    text: words[draw(index + 1) % words.length] ?? ' ',
    entropyNats: (draw(index + 1) % 100) / 100,
  }));
};
