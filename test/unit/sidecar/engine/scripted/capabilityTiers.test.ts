import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Model, Sequence, TokenStep } from '../../../../../sidecar/engine/engine.ts';
import type { ScriptedToken } from '../../../../../sidecar/engine/scripted/script.ts';
import { capabilityTiers } from '../../../../../sidecar/engine/scripted/capabilityTiers.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

const { signal } = new AbortController();
const token: ScriptedToken = {
  text: 'a',
  entropyNats: 0.5,
  alternatives: Array.from({ length: 9 }, (_, id) => ({ id, text: `t${id}`, logprob: -id })),
};

const modelOf = (tier: keyof typeof capabilityTiers): Promise<Model> =>
  scriptedModel(() => [token], { capabilities: capabilityTiers[tier] });

async function prompted(model: Model, prompt = 'one two'): Promise<Sequence> {
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  await sequence.append(await model.tokenize(prompt, { special: false }), signal);
  return sequence;
}

async function generate(sequence: Sequence, changes: Partial<GenerateRequest> = {}): Promise<TokenStep[]> {
  const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
  const request = { sampler, seed: 1, maxTokens: 5, softLimit: null, stopTexts: [], alternatives: 20 };
  const steps: TokenStep[] = [];
  for await (const batch of sequence.generate({ ...request, ...changes }, signal)) steps.push(...batch);
  return steps;
}

describe('a scripted server', () => {
  test('gives bounds of an entropy and no more alternatives than it has', async () => {
    const [step] = await generate(await prompted(await modelOf('completions')));
    expect(step).toMatchObject({ entropyNats: 0.5, entropyUpperNats: 0.75 });
    expect(step?.alternatives).toHaveLength(5);
    const [local] = await generate(await prompted(await modelOf('local')));
    expect(local).not.toHaveProperty('entropyUpperNats');
    expect(local?.alternatives).toHaveLength(9);
  });

  test('without probabilities leaves everything open', async () => {
    const [step] = await generate(await prompted(await modelOf('chatOnly')));
    expect(step).toMatchObject({ entropyNats: 0, alternatives: [] });
    expect(step?.entropyUpperNats).toBeGreaterThan(1);
  });

  test('fails where a constraint is asked for that it does not take', async () => {
    const completions = await prompted(await modelOf('completions'));
    await expect(generate(completions, { grammar: 'root ::= "a"' })).rejects.toThrow('a grammar');
    await expect(generate(completions, { choices: ['a'] })).resolves.toHaveLength(1);
    const chat = await prompted(await modelOf('chatOnly'));
    await expect(generate(chat, { choices: ['a'] })).rejects.toThrow('a list of texts');
    await expect(generate(chat, { mustBeginWith: 'a' })).rejects.toThrow('the beginning');
  });

  test('of conversations alone goes on with nothing', async () => {
    const model = await modelOf('chatOnly');
    const sequence = await prompted(model);
    const promptLength = sequence.length;
    const [fork] = await sequence.fork(1, signal);
    if (fork === undefined) throw new Error('There is a fork.');
    await generate(sequence);
    await expect(generate(sequence)).rejects.toThrow('the continuation of an answer');
    await expect(sequence.append([1], signal)).rejects.toThrow('the continuation of a text');
    // A fork has the conversation, and so has what goes back to its end.
    await expect(generate(fork)).resolves.toHaveLength(1);
    await sequence.truncate(promptLength);
    await expect(generate(sequence)).resolves.toHaveLength(1);
    await sequence.truncate(promptLength - 1);
    await expect(generate(sequence)).rejects.toThrow('the continuation of an answer');
    await sequence.truncate(0);
    await sequence.append([1, 2, 3], signal);
    await expect(generate(sequence)).resolves.toHaveLength(1);
  });
});
