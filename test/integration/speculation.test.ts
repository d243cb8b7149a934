import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SamplerSettings } from '../../protocol/traceEvent.ts';
import type { Engine, GenerateRequest, Model, Sequence, TokenStep } from '../../sidecar/engine/engine.ts';
import { generated, promptedSequence } from '../support/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';

const signal = new AbortController().signal;
const greedy: SamplerSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };
const sampled: SamplerSettings = { temperature: 0.7, topK: 0, topP: 0.95, minP: 0.05 };

const editPrompt = `<|im_start|>user
Rename the variable total to amount. Reply with the changed code alone.

def pay(prices, rate):
    total = 0
    for price in prices:
        total += price
    total = total * (1 + rate)
    print("total", total)
    return total
<|im_end|>
<|im_start|>assistant
`;

let engine: Engine;
beforeAll(() => {
  engine = createRealEngine();
});
afterAll(async () => {
  await engine.dispose();
});

function requestOf(sampler: SamplerSettings, maxTokens: number, seed = 7): GenerateRequest {
  return { sampler, seed, maxTokens, softLimit: null, stopTexts: [], alternatives: 5 };
}

async function stepsOf(sequence: Sequence, request: GenerateRequest): Promise<readonly TokenStep[]> {
  const steps: TokenStep[] = [];
  for await (const batch of sequence.generate(request, signal)) steps.push(...batch);
  return steps;
}

async function answer(model: Model, prompt: string, request: GenerateRequest): Promise<readonly TokenStep[]> {
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  try {
    await sequence.append(await model.tokenize(prompt, { special: true }), signal);
    return await stepsOf(sequence, request);
  } finally {
    await sequence.dispose();
  }
}

interface Comparison {
  /** Tokens up to the first difference, or all. */
  readonly sameTokens: number;
  readonly isSame: boolean;
  /** Largest difference between the two runs in the logprob of the same token at the same place. */
  readonly noise: number;
}

/** Decode calls of other sizes add up in another order, so the same numbers differ in their last digits. */
function compare(first: readonly TokenStep[], second: readonly TokenStep[]): Comparison {
  const difference = first.findIndex((step, index) => step.id !== second[index]?.id);
  const sameTokens = difference === -1 ? first.length : difference;
  const isSame = difference === -1 && first.length === second.length;
  const deviations = first
    .slice(0, sameTokens)
    .map((step, index) => Math.abs(step.logprob - (second[index]?.logprob ?? NaN)));
  return { sameTokens, isSame, noise: Math.max(0, ...deviations) };
}

/** At the first difference both runs must have seen the same distribution, but for rounding. */
function expectSameDistribution(
  first: readonly TokenStep[],
  second: readonly TokenStep[],
  { sameTokens, isSame, noise }: Comparison,
): void {
  if (isSame) return;
  const tolerance = Math.max(0.02, 4 * noise);
  const there = new Map(second[sameTokens]?.alternatives.map(({ id, logprob }) => [id, logprob]));
  const [best, ...others] = first[sameTokens]?.alternatives ?? [];
  expect(Math.abs((best?.logprob ?? NaN) - (there.get(best?.id ?? -1) ?? NaN))).toBeLessThan(tolerance);
  for (const { id, logprob } of others) {
    const other = there.get(id);
    if (other !== undefined && logprob > -4) expect(Math.abs(logprob - other)).toBeLessThan(2 * tolerance);
  }
}

describe.each(['smollm2-135m', 'qwen2.5-coder-0.5b'] as const)('speculation on %s', (name) => {
  let off: Model;
  let on: Model;

  beforeAll(async () => {
    const path = await installedModelPath(name);
    off = await loadForTest(engine, path, { speculation: 'off' });
    on = await loadForTest(engine, path, { speculation: 'on' });
  });
  afterAll(async () => {
    await Promise.all([off.dispose(), on.dispose()]);
  });

  it('gives the greedy text of plain decoding, with its statistics', async () => {
    const request = requestOf(greedy, 120);
    const plain = await answer(off, editPrompt, request);
    const drafted = await answer(on, editPrompt, request);
    const accepted = drafted.filter((step) => step.source === 'trie').length;
    const comparison = compare(plain, drafted);
    console.log(
      `${name} greedy: ${comparison.sameTokens} of ${plain.length} tokens the same, ${accepted} accepted drafts, ` +
        `logprobs within ${comparison.noise.toExponential(1)}`,
    );
    expect(accepted).toBeGreaterThan(10);
    expect(comparison.noise).toBeLessThan(0.1);
    if (!comparison.isSame) {
      const [best, second] = plain[comparison.sameTokens]?.alternatives ?? [];
      const gap = (best?.logprob ?? NaN) - (second?.logprob ?? NaN);
      expect(gap).toBeLessThan(Math.max(0.02, 4 * comparison.noise));
    }
    expectSameDistribution(plain, drafted, comparison);
  });

  it('draws from the same distribution with the same random numbers: sampled texts differ where rounding decides, if at all', async () => {
    let differences = 0;
    for (const seed of [1, 2, 3]) {
      const request = requestOf(sampled, 60, seed);
      const plain = await answer(off, editPrompt, request);
      const drafted = await answer(on, editPrompt, request);
      const comparison = compare(plain, drafted);
      if (!comparison.isSame) differences += 1;
      expectSameDistribution(plain, drafted, comparison);
    }
    console.log(`${name} sampled: ${differences} of 3 texts differ, each where rounding decides`);
    expect(differences).toBeLessThan(3);
  });

  it('counts what it drafted and what of it was accepted', async () => {
    const request = requestOf(greedy, 40);
    const sequence = await promptedSequence(on, editPrompt);
    const { steps, end, drafts } = await generated(sequence, request);
    await sequence.dispose();
    const accepted = steps.filter((step) => step.source === 'trie').length;
    const [{ draftedTokenCount, acceptedTokenCount } = { draftedTokenCount: 0, acceptedTokenCount: 0 }] =
      drafts;
    // An end token that was guessed is accepted and is no step.
    expect([accepted, ...(end.type === 'endToken' ? [accepted + 1] : [])]).toContain(acceptedTokenCount);
    expect(acceptedTokenCount).toBeGreaterThan(0);
    expect(draftedTokenCount).toBeGreaterThanOrEqual(acceptedTokenCount);

    const plain = await promptedSequence(off, editPrompt);
    expect((await generated(plain, requestOf(greedy, 8))).drafts).toEqual([]);
    await plain.dispose();
  });

  it('leaves the sequence as plain decoding does: forks and appends go on alike', async () => {
    const continueOn = async (model: Model): Promise<readonly (readonly TokenStep[])[]> => {
      const sequence = await model.openSequence({ priority: 'interactive' }, signal);
      await sequence.append(await model.tokenize(editPrompt, { special: true }), signal);
      const start = await stepsOf(sequence, requestOf(greedy, 24));
      const [fork] = await sequence.fork(1, signal);
      if (fork === undefined) throw new Error('a fork was asked for');
      await sequence.append(await model.tokenize('\n# And once more:\n', { special: false }), signal);
      const results = [
        start,
        await stepsOf(fork, requestOf(greedy, 24)),
        await stepsOf(sequence, requestOf(greedy, 24)),
      ];
      await Promise.all([fork.dispose(), sequence.dispose()]);
      return results;
    };
    const plain = await continueOn(off);
    const drafted = await continueOn(on);
    for (const [part, steps] of plain.entries()) {
      const other = drafted[part] ?? [];
      const comparison = compare(steps, other);
      expectSameDistribution(steps, other, comparison);
      // A difference by rounding makes everything behind it another text.
      if (!comparison.isSame) return;
    }
  });

  it('ends where plain decoding ends: at the token limit and at a stop text', async () => {
    expect(await answer(on, editPrompt, requestOf(greedy, 5))).toHaveLength(5);
    expect(await answer(on, editPrompt, requestOf(greedy, 1))).toHaveLength(1);
    const stopping = { ...requestOf(greedy, 80), stopTexts: ['price'] };
    const text = (steps: readonly TokenStep[]) => steps.map((step) => step.text).join('');
    expect(text(await answer(on, editPrompt, stopping))).toBe(text(await answer(off, editPrompt, stopping)));
  });
});
