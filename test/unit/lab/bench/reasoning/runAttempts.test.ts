import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../../../lab/bench/reasoning/answerAttempt.ts';
import type { RawTrace } from '../../../../../lab/bench/reasoning/rawTrace.ts';
import { candidatesAtOnce, runAttempts } from '../../../../../lab/bench/reasoning/runAttempts.ts';
import { parseStrategyRow } from '../../../../../lab/bench/reasoning/strategyRow.ts';
import type { Model } from '../../../../../sidecar/engine/engine.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { shippedTable } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

const script: Script = () => [
  { text: ' It', entropyNats: 0.25, logprob: -0.5 },
  { text: ' is' },
  { text: ' 12.\nFinal answer:' },
  { text: ' 12' },
  { text: '\n' },
];

const attempts = (text: string, count: number): readonly Attempt[] =>
  Array.from({ length: count }, (_, index) => ({
    row: parseStrategyRow(text),
    seed: 1,
    question: {
      id: `q${index}`,
      index,
      question: 'How many?',
      hash: String(index),
      expected: index % 2 === 0 ? '12' : '13',
    },
  }));

async function run(work: readonly Attempt[], signal = new AbortController().signal) {
  let open = 0;
  let mostOpen = 0;
  const model = await scriptedModel(script);
  const estimator = entropyRule(uncalibratedThresholds);
  const counted: Model = {
    info: model.info,
    tokenize: (...args) => model.tokenize(...args),
    detokenize: (...args) => model.detokenize(...args),
    renderChat: (...args) => model.renderChat(...args),
    remember: (...args) => model.remember(...args),
    dispose: () => model.dispose(),
    requireThere: (signal) => model.requireThere(signal),
    openSequence: async (...args) => {
      const sequence = await model.openSequence(...args);
      const dispose = sequence.dispose.bind(sequence);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      sequence.dispose = () => {
        open -= 1;
        return dispose();
      };
      return sequence;
    },
  };
  const done: Omit<RawTrace, 'revision'>[] = [];
  await runAttempts(
    { model: counted, estimator, tables: [shippedTable], codeParser: null },
    work,
    {
      now: () => 0,
      onDone: (trace) => {
        done.push(trace);
        return Promise.resolve();
      },
    },
    signal,
  );
  return { done, mostOpen };
}

describe('attempts', () => {
  it('are all made, as many side by side as decode well together, and keep what was written', async () => {
    const { done, mostOpen } = await run(attempts('chainOfThought', 20));
    expect(done).toHaveLength(20);
    expect(mostOpen).toBe(candidatesAtOnce);
    expect(done.filter(({ isRight }) => isRight)).toHaveLength(10);
    const first = done.find(({ questionId }) => questionId === 'q0');
    expect(first).toMatchObject({ row: 'chainOfThought', answer: '12', isRight: true, reason: 'answered' });
    expect(first?.candidates[0]).toMatchObject({
      answer: '12',
      isRight: true,
      isSelected: true,
      thoughtTokens: 3,
      end: 'finished',
    });
    expect(first?.candidates[0]?.entropyNats[0]).toBe(0.25);
    expect(first?.candidates[0]?.logprobs[0]).toBe(-0.5);
  });

  it('with many candidates each wait until half of them have room', async () => {
    const { done, mostOpen } = await run(attempts('selfConsistency:8', 4));
    expect(done.map(({ candidates }) => candidates.length)).toEqual([8, 8, 8, 8]);
    expect(mostOpen).toBeLessThanOrEqual(Math.floor(candidatesAtOnce / 8) + 1);
  });

  it('end with the signal, and none begins afterwards', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(run(attempts('direct', 3), stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
