import { describe, expect, it } from 'vitest';
import { generated, promptedSequence, requestWith, unhurried } from '../support/engine/generating.ts';
import { installedModelPath, loadForTest, openModel } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';

const { engine, model } = await openModel('smollm2-135m');
const warm = { temperature: 0.9, topK: 0, topP: 0.95, minP: 0 };
const hot = { temperature: 2, topK: 0, topP: 1, minP: 0 };

describe('a text that must begin with given characters', () => {
  it.each(['re', ' fib', '((', '    ', 'naïve', '日本語 😀', 'zqxjk_9', 'é'])(
    'begins with %j',
    async (start) => {
      const root = await promptedSequence(model, 'def main():\n    x = 1\n');
      const forks = await root.fork(3, unhurried);
      const samplers = [requestWith().sampler, warm, hot];
      const runs = await Promise.all(
        forks.map((fork, place) => {
          const sampler = samplers[place] ?? warm;
          return generated(fork, requestWith({ mustBeginWith: start, sampler, seed: place, maxTokens: 24 }));
        }),
      );
      for (const { text, steps, unwrittenStart } of runs) {
        expect(text.startsWith(start), JSON.stringify(text)).toBe(true);
        expect(unwrittenStart).toBeUndefined();
        // The steps that wrote it come first and are named; the last of them may go on beyond it.
        const required = steps.filter(({ source }) => source === 'required');
        expect(steps.slice(0, required.length)).toEqual(required);
        const before = required.slice(0, -1).map((step) => step.text);
        expect(before.join('').length).toBeLessThan(start.length);
        expect(required.map((step) => step.text).join('').length).toBeGreaterThanOrEqual(start.length);
      }
      await Promise.all([root, ...forks].map((sequence) => sequence.dispose()));
    },
  );

  it('goes on as it would after the same tokens', async () => {
    const sequence = await promptedSequence(model, 'The capital of France is');
    const length = sequence.length;
    const healed = await generated(sequence, requestWith({ mustBeginWith: ' Pa', maxTokens: 8 }));
    expect(healed.text).toMatch(/^ Paris/u);
    const [first] = healed.steps;
    // The token goes beyond the start, and its statistics are those of the whole row.
    expect(first).toMatchObject({ text: ' Paris', source: 'required' });
    await sequence.truncate(length);
    const plain = await generated(sequence, requestWith({ maxTokens: 8 }));
    expect(first?.entropyNats).toBeCloseTo(plain.steps[0]?.entropyNats ?? NaN, 6);
    expect(plain.ids).toEqual(healed.ids);
    expect(plain.steps.every(({ source }) => source === 'model')).toBe(true);
    await sequence.dispose();
  });

  it('counts its tokens, and may be cut within it', async () => {
    const sequence = await promptedSequence(model, 'Once upon');
    const run = await generated(sequence, requestWith({ mustBeginWith: 'zqxjkzqxjk', maxTokens: 1 }));
    expect(run.end).toEqual({ type: 'maxTokens' });
    expect(run.steps).toHaveLength(1);
    expect('zqxjkzqxjk'.startsWith(run.text)).toBe(true);
    await sequence.dispose();
  });

  it('does not go together with a grammar', async () => {
    const sequence = await promptedSequence(model, 'Once upon');
    const both = requestWith({ mustBeginWith: ' a', grammar: 'root ::= " a time"' });
    await expect(generated(sequence, both)).rejects.toMatchObject({ code: 'parameter.invalid' });
    await sequence.dispose();
  });
});

it('drafts leave the text as it is without them', async () => {
  const drafting = await loadForTest(engine, await installedModelPath('smollm2-135m'), { speculation: 'on' });
  const repeated = `${'const total = add(first, second);\n'.repeat(8)}const tot`;
  const request = requestWith({ mustBeginWith: 'al = add(fi', maxTokens: 60, alternatives: 2 });
  const runs: Awaited<ReturnType<typeof generated>>[] = [];
  let drafted = 0;
  for (const one of [model, drafting]) {
    const sequence = await promptedSequence(one, repeated);
    const run = await generated(sequence, request);
    const { steps, drafts } = run;
    runs.push(run);
    drafted = drafts.reduce((sum, { acceptedTokenCount }) => sum + acceptedTokenCount, 0);
    const required = steps.findLastIndex(({ source }) => source === 'required');
    expect(steps.slice(0, required + 1).every(({ source }) => source === 'required')).toBe(true);
    await sequence.dispose();
  }
  const [plain, besides] = runs;
  expectSameText(besides?.steps ?? [], plain?.steps ?? []);
  expect(plain?.text).toMatch(/^al = add\(first, second\);/u);
  expect(drafted).toBeGreaterThan(0);
  await drafting.dispose();
});
