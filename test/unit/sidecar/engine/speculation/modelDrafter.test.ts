import { describe, expect, it } from 'vitest';
import type { TokenId } from '../../../../../sidecar/engine/engine.ts';
import {
  type DraftModel,
  modelDrafterMaker,
} from '../../../../../sidecar/engine/speculation/modelDrafter.ts';

/** Counts on from the last token, surer of each one less. */
class CountingModel implements DraftModel {
  ended = 0;
  readonly wishes: { readonly maxTokens: number; readonly leastConfidence: number }[] = [];

  follow() {
    return {
      expectedMs: (context: readonly TokenId[], tokens: number) => 100 * context.length + tokens,
      continue: (context: readonly TokenId[], limits: { maxTokens: number; leastConfidence: number }) => {
        this.wishes.push(limits);
        const last = context.at(-1) ?? 0;
        const tokens = Array.from({ length: Math.min(3, limits.maxTokens) }, (_, i) => last + 1 + i);
        return { tokens, probabilities: tokens.map((_, i) => 1 - 0.1 * i) };
      },
      dispose: () => {
        this.ended += 1;
      },
    };
  }
}

const limits = { maxTokens: 8, branches: 4, leastConfidence: 0.2 };

describe('a drafter that is a model', () => {
  it('proposes a chain with the model’s own confidence, whatever branches are wished for', () => {
    const model = new CountingModel();
    const drafter = modelDrafterMaker('layerSkip', model).open();
    expect(drafter?.source).toBe('layerSkip');
    expect(drafter?.propose([5, 6, 7], limits)).toEqual({
      nodes: [
        { token: 8, parent: -1, confidence: 1, grounds: 'sure 10' },
        { token: 9, parent: 0, confidence: 0.9, grounds: 'sure 9' },
        { token: 10, parent: 1, confidence: 0.8, grounds: 'sure 8' },
      ],
    });
    expect(model.wishes).toEqual([limits]);
  });

  it('has no guess without a text, and asks nothing of the model then', () => {
    const model = new CountingModel();
    const drafter = modelDrafterMaker('draftModel', model).open();
    expect(drafter?.propose([], limits).nodes).toEqual([]);
    expect(drafter?.propose([1], { ...limits, maxTokens: 0 }).nodes).toEqual([]);
    expect(model.wishes).toEqual([]);
  });

  it('tells the price that the model tells, and gives back what is held for it', () => {
    const model = new CountingModel();
    const drafter = modelDrafterMaker('draftModel', model).open();
    expect(drafter?.draftMs([1, 2, 3], 2)).toBe(302);
    drafter?.dispose();
    expect(model.ended).toBe(1);
  });
});
