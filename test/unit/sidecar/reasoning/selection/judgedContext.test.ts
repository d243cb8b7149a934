import { expect, test } from 'vitest';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { type FlatRequest, runScripted } from '../../../../support/engine/scriptedRequest.ts';

const turn = {
  requestId: 'request-0',
  question: 'How many legs has a cat with two of them missing?',
  files: [{ languageId: 'markdown', path: 'cats.md', text: 'A cat has four legs.\n' }],
  style: 'direct',
  answer: 'It has two.',
} as const;
const file = { languageId: 'python', path: 'legs.py', text: 'LEGS = 4\n' };

/** Two answers, each after a thought of one line, and a judge whose prompt is kept. */
function judging(prompts: string[]): Script {
  return ({ text, sequence, request }) => {
    if (request.grammar !== undefined || request.choices !== undefined) {
      prompts.push(text);
      return request.choices?.[0] ?? '0';
    }
    const written = text.slice(text.lastIndexOf('assistant\n'));
    return written.includes('Final answer:')
      ? ` ${sequence}\n`
      : `So many legs by ${sequence}.\nFinal answer:`;
  };
}

const ways: readonly (readonly [string, FlatRequest])[] = [
  ['contextCheck', { strategy: 'verifyByContext' }],
  ['checklistJudge', { strategy: 'selfConsistency', selector: 'checklistJudge' }],
  ['the critic of steps', { strategy: 'refineFirstError' }],
];

test.each(ways)('%s reads the conversation and the files that the candidates saw', async (_name, way) => {
  const prompts: string[] = [];
  await runScripted(judging(prompts), {
    request: { ...way, candidateCount: 2, turns: [turn], attachments: [file], question: 'And with three?' },
  });
  const [prompt = ''] = prompts;
  const parts = [turn.files[0].text, turn.question, turn.answer, file.text, 'And with three?'];
  const places = parts.map((part) => prompt.indexOf(part.trim()));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
