import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SuffixIndex } from '../../../sidecar/speculation/suffixIndex.ts';
import { TrieDrafter } from '../../../sidecar/speculation/trieDrafter.ts';

function drafterOn(prompt: readonly number[], index = new SuffixIndex(1000)): TrieDrafter {
  const drafter = new TrieDrafter(index);
  drafter.observe(prompt, 0, 'prompt');
  return drafter;
}

function tokensOf(drafter: TrieDrafter, context: readonly number[], maxTokens: number): readonly number[] {
  return draftOf(drafter, context, maxTokens).tokens;
}

function draftOf(
  drafter: TrieDrafter,
  context: readonly number[],
  maxTokens: number,
): { readonly tokens: readonly number[]; readonly evidence: number } {
  const { nodes, evidence } = drafter.propose(context, { maxTokens, branches: 1, leastConfidence: 0 });
  return { tokens: nodes.map(({ token }) => token), evidence };
}

describe('TrieDrafter', () => {
  it('recalls what followed the last two tokens', () => {
    const context = [1, 2, 3, 4, 5, 9, 2, 3];
    expect(draftOf(drafterOn(context), context, 3)).toEqual({ tokens: [4, 5, 9], evidence: 2 });
  });

  it('falls back to the last token alone', () => {
    const context = [1, 2, 3, 4, 8, 2];
    expect(draftOf(drafterOn(context), context, 2)).toEqual({ tokens: [3, 4], evidence: 1 });
  });

  it('prefers a longer match over a more frequent continuation', () => {
    const context = [7, 1, 2, 30, 1, 2, 40, 1, 2, 40, 7, 1, 2];
    expect(draftOf(drafterOn(context), context, 1)).toEqual({ tokens: [30], evidence: 3 });
  });

  it('takes the more frequent of equally long matches, and the newer of equally frequent ones', () => {
    const frequent = [5, 1, 2, 10, 6, 1, 2, 10, 7, 1, 2, 20, 8, 1, 2];
    expect(tokensOf(drafterOn(frequent), frequent, 1)).toEqual([10]);
    const even = [5, 1, 2, 10, 6, 1, 2, 20, 8, 1, 2];
    expect(tokensOf(drafterOn(even), even, 1)).toEqual([20]);
  });

  it('prefers the prompt over earlier output', () => {
    const index = new SuffixIndex(1000);
    new TrieDrafter(index).observe([1, 2, 20, 1, 2, 20], 0, 'output');
    const context = [1, 2, 10, 9, 1, 2];
    expect(tokensOf(drafterOn(context, index), context, 1)).toEqual([10]);
  });

  it('learns from other sequences of its workspace, and from no other workspace', () => {
    const index = new SuffixIndex(1000);
    new TrieDrafter(index).observe([1, 2, 3, 4], 0, 'output');
    expect(tokensOf(drafterOn([9, 2, 3], index), [9, 2, 3], 4)).toEqual([4]);
    expect(tokensOf(drafterOn([9, 2, 3]), [9, 2, 3], 4)).toEqual([]);
  });

  it('learns output that arrives token by token, across the seam to its prompt', () => {
    const drafter = drafterOn([1, 2, 3]);
    const context = [1, 2, 3];
    for (const token of [4, 5, 6, 2, 3]) {
      context.push(token);
      drafter.observe(context, context.length - 1, 'output');
    }
    expect(tokensOf(drafter, context, 3)).toEqual([4, 5, 6]);
  });

  it('goes on after its sequence was cut back', () => {
    const drafter = drafterOn([1, 2, 3, 4]);
    drafter.observe([1, 2, 8], 2, 'output');
    drafter.observe([1, 2, 8, 1, 2], 3, 'output');
    expect(tokensOf(drafter, [1, 2, 8, 1, 2], 1)).toEqual([3]);
    expect(tokensOf(drafter, [1, 2, 8], 1)).toEqual([1]);
  });

  it('never proposes more than asked, only tokens it has seen, and what it says did follow', () => {
    const token = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 60 }),
        fc.array(token, { maxLength: 60 }),
        fc.nat(20),
        (prompt, output, max) => {
          const drafter = drafterOn(prompt);
          const context = [...prompt, ...output];
          drafter.observe(context, prompt.length, 'output');
          const { tokens, evidence } = draftOf(drafter, context, max);
          expect(tokens.length).toBeLessThanOrEqual(max);
          if (tokens.length === 0) return;
          const needle = [...context.slice(context.length - evidence), tokens[0]].join(',');
          expect(`,${context.join(',')},`).toContain(`,${needle},`);
        },
      ),
    );
  });
});

describe('SuffixIndex', () => {
  it('forgets the older half beyond its capacity and still finds the newer', () => {
    const index = new SuffixIndex(100);
    const first = index.open('prompt', []);
    for (let token = 0; token < 60; token++) index.append(first, token);
    const second = index.open('output', []);
    for (let token = 100; token < 160; token++) index.append(second, token);
    expect(index.tokenCount).toBeLessThanOrEqual(100);
    expect(index.find([3, 4], 16)).toEqual([]);
    expect(index.find([150, 151], 16)[0]?.text.tokens.at(-1)).toBe(159);
  });

  it('takes in a text again that was forgotten while it grew', () => {
    const index = new SuffixIndex(100);
    const long = index.open('output', []);
    index.append(long, 1);
    const other = index.open('prompt', []);
    for (let token = 100; token < 300; token++) index.append(other, token);
    for (const token of [2, 3, 4]) index.append(long, token);
    expect(index.find([2, 3], 16).map(({ text, next }) => text.tokens[next])).toEqual([4]);
  });

  it('stays within its capacity whatever is put in', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 });
    fc.assert(
      fc.property(lengths, (texts) => {
        const index = new SuffixIndex(64);
        for (const length of texts) {
          const text = index.open('output', []);
          for (let token = 0; token < length; token++) index.append(text, token);
        }
        expect(index.tokenCount).toBeLessThanOrEqual(64);
      }),
    );
  });
});
