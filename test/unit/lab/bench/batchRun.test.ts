import { fileSource } from '../../../../sidecar/engine/engineSource.ts';
import { describe, expect, it } from 'vitest';
import { candidatesSpeed, engineSpeed } from '../../../../lab/bench/batchRun.ts';
import { countingPrompts } from '../../../../lab/bench/prompts.ts';
import { engineContender } from '../../../../lab/bench/textRun.ts';
import type { LoadOptions } from '../../../../sidecar/engine/engine.ts';
import type { Script } from '../../../../sidecar/engine/scripted/script.ts';
import {
  createScriptedEngine,
  type ScriptedEngineOptions,
} from '../../../../sidecar/engine/scripted/scriptedEngine.ts';

const { signal } = new AbortController();
const loadOptions: LoadOptions = { contextTokens: 0, maxSequences: 8, threads: 0, speculation: 'off' };
const words = (count: number) => ' word'.repeat(count);

const load = (script: Script, options: ScriptedEngineOptions = {}) =>
  createScriptedEngine(script, options).open(fileSource('scripted.gguf'), loadOptions, signal);

describe('candidates', () => {
  it('are measured again with other seeds until none ends early', async () => {
    const seeds: number[] = [];
    const model = await load(({ request }) => {
      seeds.push(request.seed);
      return words(request.seed <= 4 ? 3 : 20);
    });
    const prompt = await model.tokenize('a prompt', { special: false });
    const speed = await candidatesSpeed(model, { prompt, count: 3, tokensEach: 8 }, signal);
    expect(speed).toBeGreaterThan(0);
    expect(seeds.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('of a model that always ends early are not measured', async () => {
    const model = await load(() => words(3));
    const measured = candidatesSpeed(model, { prompt: [1], count: 2, tokensEach: 8 }, signal);
    await expect(measured).rejects.toMatchObject({ code: 'engine.failed' });
  });
});

describe('requests at once', () => {
  it('share no beginning, within a run or with another', async () => {
    const model = await load(() => '');
    const runs = await Promise.all([1, 2].map((variant) => countingPrompts(model, 16, variant)));
    const texts = await Promise.all(runs.flat().map((prompt) => model.detokenize(prompt)));
    expect(new Set(texts.map((text) => text.slice(0, 5))).size).toBe(32);
  });

  it('are all counted, more of them than there are sequences', async () => {
    const model = await load(() => words(20), { maxSequences: 2 });
    const prompts = await countingPrompts(model, 5, 1);
    expect(await engineSpeed(model, { prompts, tokens: 8 }, signal)).toBeGreaterThan(0);
  });

  it('are no measurement where one ends early', async () => {
    const model = await load(({ sequence }) => words(sequence === 1 ? 3 : 20));
    const prompts = await countingPrompts(model, 3, 1);
    const measured = engineSpeed(model, { prompts, tokens: 8 }, signal);
    await expect(measured).rejects.toMatchObject({ code: 'engine.failed' });
  });
});

it('a text of the engine comes with its speed, margins and drafts', async () => {
  const drafts = [{ source: 'trie', draftCount: 2, draftedTokenCount: 4, acceptedTokenCount: 3 }] as const;
  const model = await load(() => [{ text: 'one', margin: 0.25 }, ' two'], { drafts: () => drafts });
  const prompt = await model.tokenize('a prompt', { special: false });
  const { run } = engineContender('auto', model);
  const result = await run({ prompt, tokens: 8, requestClass: 'edit' }, signal);
  expect(result).toMatchObject({ text: 'one two', drafts });
  expect(result.ids).toHaveLength(2);
  expect(result.margins[0]).toBe(0.25);
  expect(result.tokensPerSecond).toBeGreaterThan(0);
});
