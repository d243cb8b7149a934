import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import {
  chatPrompt,
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const verdict = String.raw`root ::= "{\"reason\": \"" [a-zA-Z ,.]{1,60} "\", \"score\": " score "}"
score ::= [0-9] | "10"`;
const verdictText = /^\{"reason": "[a-zA-Z ,.]{1,60}", "score": (?:[0-9]|10)\}$/u;

const hot = { temperature: 1.6, topK: 0, topP: 1, minP: 0 };
const warm = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.02 };

let engine: Engine;
let model: Model;
let prompt: string;

beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('smollm2-135m'));
  prompt = await chatPrompt(model, 'Is the moon made of cheese? Judge the claim as JSON.');
});
afterAll(async () => {
  await engine.dispose();
});

describe('a grammar', () => {
  it('holds the text whatever is drawn, and lets it end only where it may', async () => {
    const root = await promptedSequence(model, prompt);
    const forks = await root.fork(6, unhurried);
    const texts = await Promise.all(
      forks.map(async (fork, index) => {
        const sampler = index === 0 ? requestWith().sampler : index % 2 === 0 ? hot : warm;
        const request = requestWith({ grammar: verdict, sampler, seed: index, maxTokens: 200 });
        const { text, end } = await generated(fork, request);
        expect(end.type).toBe('endToken');
        return text;
      }),
    );
    for (const text of texts) expect(text).toMatch(verdictText);
    expect(new Set(texts).size).toBeGreaterThan(1);
    await Promise.all([root, ...forks].map((sequence) => sequence.dispose()));
  });

  it('leaves the statistics those of the raw distribution', async () => {
    const free = await promptedSequence(model, prompt);
    const [held] = await free.fork(1, unhurried);
    if (held === undefined) throw new Error('A fork is missing.');
    const [plain] = (await generated(free, requestWith({ maxTokens: 1, alternatives: 5 }))).steps;
    const request = requestWith({ maxTokens: 1, alternatives: 5, grammar: verdict });
    const [first] = (await generated(held, request)).steps;
    expect(first?.text).not.toBe(plain?.text);
    expect(first?.entropyNats).toBeCloseTo(plain?.entropyNats ?? NaN, 6);
    expect(first?.margin).toBeCloseTo(plain?.margin ?? NaN, 6);
    expect(first?.alternatives.map(({ id }) => id)).toEqual(plain?.alternatives.map(({ id }) => id));
    expect(first?.logprob).toBeLessThan(plain?.alternatives[0]?.logprob ?? 0);
    await Promise.all([free.dispose(), held.dispose()]);
  });

  it('that allows everything changes no draw', async () => {
    const free = await promptedSequence(model, prompt);
    const [held] = await free.fork(1, unhurried);
    if (held === undefined) throw new Error('A fork is missing.');
    const request = requestWith({ sampler: warm, seed: 5, maxTokens: 40 });
    const one = await generated(free, request);
    const other = await generated(held, { ...request, grammar: String.raw`root ::= ([^\x00] | "\n")*` });
    expect(other.ids).toEqual(one.ids);
    await Promise.all([free.dispose(), held.dispose()]);
  });

  it('draws in proportion among what it allows', async () => {
    const root = await promptedSequence(model, 'The number of legs of a cat is ');
    const request = requestWith({
      sampler: { temperature: 1, topK: 0, topP: 1, minP: 0 },
      maxTokens: 1,
      alternatives: 20,
      grammar: 'root ::= [1-4]',
    });
    const length = root.length;
    const drawn = new Map<string, number>();
    const draws = 400;
    let alternatives: ReadonlyMap<string, number> = new Map();
    for (let seed = 0; seed < draws; seed++) {
      const [step] = (await generated(root, { ...request, seed })).steps;
      if (step === undefined) throw new Error('Nothing was drawn.');
      expect(step.text).toMatch(/^[1-4]$/u);
      drawn.set(step.text, (drawn.get(step.text) ?? 0) + 1);
      alternatives = new Map(step.alternatives.map(({ text, logprob }) => [text, Math.exp(logprob)]));
      await root.truncate(length);
    }
    await root.dispose();
    const digits = [...alternatives].filter(([text]) => /^[1-4]$/u.test(text));
    const mass = digits.reduce((sum, [, probability]) => sum + probability, 0);
    const other = 1 - mass;
    expect(digits.length).toBeGreaterThan(2);
    // So that draws are refused at all, or the test would show nothing.
    expect(other).toBeGreaterThan(0.05);
    for (const [digit, probability] of digits) {
      const share = probability / mass;
      // Digits beyond the twenty most likely are left out of the mass; five deviations of a share of 400 draws.
      expect(Math.abs((drawn.get(digit) ?? 0) / draws - share)).toBeLessThan(
        0.03 + 5 * Math.sqrt(share / draws),
      );
    }
  });

  it('that cannot be used fails with its reason, and the sequence goes on', async () => {
    const sequence = await promptedSequence(model, prompt);
    for (const grammar of ['', 'root ::= "open', 'start ::= "x"', 'root ::= root "x" | "y"']) {
      await expect(generated(sequence, requestWith({ grammar }))).rejects.toMatchObject({
        code: 'grammar.invalid',
      });
    }
    expect((await generated(sequence, requestWith({ maxTokens: 3 }))).end).toEqual({ type: 'maxTokens' });
    await sequence.dispose();
  });

  it('is given up with a generation that is cancelled', async () => {
    const sequence = await promptedSequence(model, prompt);
    const cancellation = new AbortController();
    const grammar = 'root ::= ("ab" | "cd")+';
    const { end, text } = await generated(sequence, requestWith({ grammar, maxTokens: 500 }), {
      signal: cancellation.signal,
      onBatch: () => {
        cancellation.abort();
      },
    });
    expect(end.type).toBe('cancelled');
    expect(text).toMatch(/^(?:ab|cd)*[ac]?$/u);
    const again = await generated(sequence, requestWith({ grammar, maxTokens: 4 }));
    expect(again.text).toMatch(/^(?:ab|cd)*[ac]?$/u);
    await sequence.dispose();
  });
});

it('drafts keep to a grammar as plain decoding does', async () => {
  const drafting = await loadForTest(engine, await installedModelPath('smollm2-135m'), { speculation: 'on' });
  const repeated = await chatPrompt(drafting, `Repeat: ${'{"reason": "so it is", "score": 7} '.repeat(6)}`);
  const four = `root ::= (verdict " "?){4}\n${verdict.replace('root', 'verdict')}`;
  const request = requestWith({ grammar: four });
  const texts: string[] = [];
  for (const one of [model, drafting]) {
    const sequence = await promptedSequence(one, repeated);
    const { text, end } = await generated(sequence, { ...request, maxTokens: 400 });
    expect(end.type).toBe('endToken');
    texts.push(text);
    await sequence.dispose();
  }
  for (const text of texts) {
    for (const part of text.split(/(?<=\})\s*/u).filter((piece) => piece !== ''))
      expect(part).toMatch(verdictText);
  }
  await drafting.dispose();
});
