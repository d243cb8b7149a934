import { describe, expect, it } from 'vitest';
import { chainOf, type Drafter } from '../../../../../sidecar/engine/speculation/drafter.ts';
import { ModelSpeculation } from '../../../../../sidecar/engine/speculation/modelSpeculation.ts';
import type { Speculator } from '../../../../../sidecar/engine/speculation/speculator.ts';

const room = { tokens: 20, branches: 1, others: { tokens: 0, expectedTokens: 0 } };
const curve = [
  { tokens: 1, durationMs: 20 },
  { tokens: 32, durationMs: 40 },
];

function workspace(): ModelSpeculation {
  return new ModelSpeculation({ mode: 'on', curve, makers: [] });
}

function draftOf(speculator: Speculator, context: readonly number[]): readonly number[] {
  return speculator.propose(context, room).nodes.map(({ token }) => token);
}

/** What one request leaves behind: a prompt, and an answer. */
function answered(speculation: ModelSpeculation, prompt: readonly number[], answer: readonly number[]): void {
  const speculator = speculation.open('chat');
  speculator.prompted(prompt, 0);
  const context = [...prompt];
  for (const token of answer) {
    context.push(token);
    speculator.generated(context, context.length - 1);
  }
  speculator.dispose();
}

describe('ModelSpeculation', () => {
  it('drafts from the prompts and answers of its workspace, and never from those of another', () => {
    const first = workspace();
    const second = workspace();
    answered(first, [1, 2, 3, 4, 5], [6, 7, 8, 9]);
    answered(second, [11, 12, 13], [14, 15, 16]);
    for (const [speculation, own, foreign] of [
      [first, [2, 3], [12, 13]],
      [second, [12, 13], [2, 3]],
    ] as const) {
      const speculator = speculation.open('chat');
      speculator.prompted(own, 0);
      expect(draftOf(speculator, own).length).toBeGreaterThan(0);
      const stranger = speculation.open('chat');
      stranger.prompted(foreign, 0);
      expect(draftOf(stranger, foreign)).toEqual([]);
    }
  });

  it('drafts from a document that it was given, in its newest state', () => {
    const speculation = workspace();
    speculation.remember('a', () => [1, 2, 3, 4]);
    const speculator = speculation.open('completion');
    speculator.prompted([1, 2], 0);
    expect(draftOf(speculator, [1, 2])).toEqual([3, 4]);
    speculation.remember('a', () => [1, 2, 8, 9]);
    const next = speculation.open('completion');
    next.prompted([1, 2], 0);
    expect(draftOf(next, [1, 2])).toEqual([8, 9]);
  });

  it('forgets the documents that were given longest ago', () => {
    const speculation = workspace();
    for (let n = 0; n < 20; n++) speculation.remember(`document ${n}`, () => [100 + n, 200 + n, 300 + n]);
    const recall = (n: number): readonly number[] => {
      const speculator = speculation.open('completion');
      const context = [100 + n, 200 + n];
      speculator.prompted(context, 0);
      return draftOf(speculator, context);
    };
    expect(recall(0)).toEqual([]);
    expect(recall(19)).toEqual([319]);
  });

  it('asks what its makers open behind the trie, and gives it back with the sequence', () => {
    const disposed: string[] = [];
    const drafter: Drafter = {
      source: 'layerSkip',
      propose: () => ({ nodes: chainOf([42], [0.9]) }),
      draftMs: () => 1,
      observe: () => undefined,
      dispose: () => void disposed.push('layerSkip'),
    };
    const makers = [{ open: () => null }, { open: () => drafter }];
    const speculator = new ModelSpeculation({ mode: 'on', curve, makers }).open('edit');
    speculator.prompted([1, 2, 3], 0);
    expect(speculator.propose([1, 2, 3], room)).toMatchObject({
      source: 'layerSkip',
      nodes: [{ token: 42 }],
    });
    speculator.dispose();
    expect(disposed).toEqual(['layerSkip']);
  });

  it('gives the curve that it was loaded with back, unless that was disturbed', () => {
    const speculation = workspace();
    expect(speculation.curve()).toEqual(curve);
    for (let call = 0; call < 60; call++) speculation.noteCall(1, 5);
    expect(speculation.curve()).toBeNull();
  });
});
