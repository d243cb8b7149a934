import { describe, expect, it } from 'vitest';
import type { TokenSource } from '../../../../protocol/traceEvent.ts';
import { type CandidateState, candidateText } from '../../../../protocol/traceState.ts';
import { completionItems } from '../../../../sidecar/completion/completionItems.ts';
import { placeAt } from '../../../support/completion/places.ts';

const place = placeAt('y = 1\n|');

function candidate(id: number, text: string, logprob = -1): CandidateState {
  return {
    id,
    parent: null,
    repairs: null,
    sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
    status: 'finished',
    end: 'finished',
    answer: null,
    tokens: {
      ids: [1],
      texts: [text],
      logprobs: [logprob],
      entropyNats: [0],
      varentropy: [0],
      margins: [1],
      alternatives: [[]],
      sources: ['model'],
    },
    tokenCount: 1,
    segments: [{ type: 'generated', purpose: 'answer', from: 0, to: 1 }],
    openedAtMs: 0,
    closedAtMs: 1,
  };
}

describe('completions to offer', () => {
  it('begin with the greedy one, go on by likelihood, and say nothing twice', () => {
    const candidates = [
      candidate(0, ' 1', -3),
      candidate(1, ' 2', -2),
      candidate(2, ' 1', -1),
      candidate(3, ' 3', -1),
    ];
    expect(candidates.map(candidateText)).toEqual([' 1', ' 2', ' 1', ' 3']);
    const { items, suppressed } = completionItems(candidates, place);
    expect(items).toEqual([
      { text: ' 1', replacedLength: 0, meanLogprob: -3 },
      { text: ' 3', replacedLength: 0, meanLogprob: -1 },
      { text: ' 2', replacedLength: 0, meanLogprob: -2 },
    ]);
    expect(suppressed).toBeNull();
  });

  it('are as likely as their own tokens, whatever was generated behind the cut', () => {
    const short = candidate(0, ' 1', -1);
    const { tokens } = short;
    const withTail = {
      ...short,
      tokens: { ...tokens, ids: [1, 2], texts: [' 1', '\ny = 2\n'], logprobs: [-1, -9] },
      tokenCount: 2,
      segments: [{ type: 'generated', purpose: 'answer', from: 0, to: 2 }],
    } satisfies CandidateState;
    expect(completionItems([withTail], place).items).toEqual(completionItems([short], place).items);
  });

  it('are as likely as what the model was free to write', () => {
    const healed = candidate(0, 'x');
    const steps = (
      logprobs: readonly number[],
      sources: readonly TokenSource[],
      texts: readonly string[],
    ) => ({
      ...healed,
      tokens: { ...healed.tokens, ids: texts.map((_, id) => id), texts, logprobs, sources },
      tokenCount: texts.length,
      segments: [{ type: 'generated', purpose: 'answer', from: 0, to: texts.length } as const],
    });
    const run = placeAt('retu|');
    const free = steps([-8, -1, -2], ['required', 'model', 'model'], ['return', ' a', 'b']);
    expect(completionItems([free], run).items).toEqual([
      { text: 'rn ab', replacedLength: 0, meanLogprob: -1.5 },
    ]);
    const given = steps([-8, -3], ['required', 'required'], ['re', 'turn']);
    expect(completionItems([given], run).items).toEqual([{ text: 'rn', replacedLength: 0, meanLogprob: -3 }]);
  });

  it('leave out what comes to nothing, and give the greedy one’s reason when all do', () => {
    expect(completionItems([candidate(0, '  '), candidate(1, ' y')], place).items).toHaveLength(1);
    expect(completionItems([candidate(0, '  '), candidate(1, '')], place).suppressed).toBe('onlyWhitespace');
    expect(completionItems([], place)).toEqual({ items: [], suppressed: 'emptyCompletion' });
  });
});
