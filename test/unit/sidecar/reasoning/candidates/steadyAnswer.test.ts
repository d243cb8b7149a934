import { describe, expect, test } from 'vitest';
import { type Script, splitWords } from '../../../../../sidecar/engine/scripted/script.ts';
import { SteadyAnswer } from '../../../../../sidecar/reasoning/candidates/steadyAnswer.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const calm = Array.from({ length: 48 }, () => 0.14);

describe('an answer', () => {
  test('is steady where it is read twice in a row and the model was sure between', () => {
    const steadiness = new SteadyAnswer();
    expect(steadiness.readThought({ text: 'Let me see.', entropyNats: calm })).toBeNull();
    expect(steadiness.readThought({ text: 'The answer is 12.', entropyNats: calm })).toBeNull();
    expect(steadiness.readThought({ text: 'The answer is 12.\nThree fours.', entropyNats: calm })).toBe('12');
  });

  test('is not where it changes, or where the model wavers', () => {
    const steadiness = new SteadyAnswer();
    steadiness.readThought({ text: 'The answer is 12.', entropyNats: calm });
    expect(steadiness.readThought({ text: 'No, the answer is 9.', entropyNats: calm })).toBeNull();
    const wavering = [...calm.slice(1), 1];
    expect(steadiness.readThought({ text: 'The answer is 9.\nOr so.', entropyNats: wavering })).toBeNull();
    // What lies before the last stretch does not count.
    expect(steadiness.readThought({ text: 'The answer is 9.\nYes.', entropyNats: [2, ...calm] })).toBe('9');
  });
});

describe('a thought that goes over its answer', () => {
  const thought = `${'Three cats have four. '.repeat(12)}The answer is 12.\n${'I am quite sure of that. '.repeat(60)}`;
  const script =
    (entropyNats: number): Script =>
    ({ text }) =>
      text.endsWith('Final answer:')
        ? ' 12\n'
        : splitWords(thought.slice(lengthBehindPrompt(text))).map((word) => ({ text: word, entropyNats }));
  const lengthBehindPrompt = (text: string): number =>
    text.length - (text.lastIndexOf('assistant\n') + 'assistant\n'.length);

  const run = (entropyNats: number, steadyAnswers: boolean) =>
    runScripted(script(entropyNats), {
      request: {
        strategy: 'chainOfThought',
        maxThoughtTokens: 400,
        earlyStopping: { consensus: 'certain', trialConfidence: 0, steadyAnswers, confidencePruning: 'off' },
      },
    });

  test('is closed without a token for finding out', async () => {
    const { state, result } = await run(0.05, true);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['thoughtClosedSteady']);
    expect(state.ledger.tokens.thought).toBeLessThan(200);
    expect(state.trials).toEqual([]);
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
  });

  test.each([
    [0.6, true],
    [0.05, false],
  ])('goes on at an entropy of %f, switched on: %s', async (entropyNats, steadyAnswers) => {
    const { state } = await run(entropyNats, steadyAnswers);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['thoughtClosedAtCap']);
  });
});
