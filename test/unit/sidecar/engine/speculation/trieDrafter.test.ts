import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DraftNode } from '../../../../../sidecar/engine/speculation/drafter.ts';
import { SuffixIndex } from '../../../../../sidecar/engine/speculation/suffixIndex.ts';
import { TrieDrafter } from '../../../../../sidecar/engine/speculation/trieDrafter.ts';

function drafterOn(prompt: readonly number[], index = new SuffixIndex(1000)): TrieDrafter {
  const drafter = new TrieDrafter(index);
  drafter.observe(prompt, 0, 'prompt');
  return drafter;
}

function tokensOf(drafter: TrieDrafter, context: readonly number[], maxTokens: number): readonly number[] {
  return draftOf(drafter, context, maxTokens).tokens;
}

/** The first branch, and how long the match is that it rests on. */
function draftOf(
  drafter: TrieDrafter,
  context: readonly number[],
  maxTokens: number,
): { readonly tokens: readonly number[]; readonly grounds: string | undefined } {
  const { nodes } = drafter.propose(context, { maxTokens, branches: 1, leastConfidence: 0 });
  expect(nodes.map(({ parent }) => parent)).toEqual(nodes.map((_, index) => index - 1));
  return { tokens: nodes.map(({ token }) => token), grounds: nodes[0]?.grounds };
}

describe('TrieDrafter', () => {
  it('recalls what followed the last two tokens', () => {
    const context = [1, 2, 3, 4, 5, 9, 2, 3];
    expect(draftOf(drafterOn(context), context, 3)).toEqual({ tokens: [4, 5, 9], grounds: 'recall 2 alone' });
  });

  it('falls back to the last token alone', () => {
    const context = [1, 2, 3, 4, 8, 2];
    expect(draftOf(drafterOn(context), context, 2)).toEqual({ tokens: [3, 4], grounds: 'recall 1 alone' });
  });

  it('prefers a longer match over a more frequent continuation', () => {
    const context = [7, 1, 2, 30, 1, 2, 40, 1, 2, 40, 7, 1, 2];
    expect(draftOf(drafterOn(context), context, 1)).toEqual({ tokens: [30], grounds: 'recall 3 alone' });
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

  it('never proposes more than asked, and only tokens it has seen', () => {
    const token = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 60 }),
        fc.array(token, { maxLength: 60 }),
        fc.nat(20),
        (prompt, output, max) => {
          const drafter = drafterOn(prompt);
          const context = [...prompt];
          for (const next of output) {
            context.push(next);
            drafter.observe(context, context.length - 1, 'output');
          }
          const { tokens } = draftOf(drafter, context, max);
          expect(tokens.length).toBeLessThanOrEqual(max);
          expect(tokens.every((drafted) => context.includes(drafted))).toBe(true);
        },
      ),
    );
  });

  it('says what it would say otherwise in a second branch, judged apart', () => {
    const context = [5, 1, 2, 10, 6, 1, 2, 20, 8, 1, 2];
    const tree = treeOf(copying(context, [1, 2, 20, 8, 1, 2]), context);
    expect(tree.filter(({ parent }) => parent === -1).length).toBeLessThanOrEqual(2);
    for (const { grounds, parent } of tree) {
      const siblings = tree.filter((other) => other.parent === parent);
      expect(siblings.filter((sibling) => !sibling.grounds.startsWith('else')).length).toBeLessThanOrEqual(1);
      expect(grounds).not.toBe('');
    }
  });
});

/** A drafter that has seen `text` as a prompt and then as much of it again as `output` says. */
function copying(text: readonly number[], output: readonly number[]): TrieDrafter {
  const drafter = drafterOn(text);
  const context = [...text];
  for (const token of output) {
    context.push(token);
    drafter.observe(context, context.length - 1, 'output');
  }
  return drafter;
}

function treeOf(drafter: TrieDrafter, context: readonly number[]): readonly DraftNode[] {
  return drafter.propose(context, { maxTokens: 8, branches: 2, leastConfidence: 0 }).nodes;
}

describe('a text that is copied', () => {
  const header = [901, 902, 903, 904];
  // The name 7 stands between tokens of its own each time.
  const body = (name: number): readonly number[] =>
    [1, 2, 3].flatMap((n) => [10 * n, 10 * n + 1, name, 50, 10 * n + 2, 10 * n + 3]);
  const file = [...header, ...body(7)];

  it('is followed although the same words stand elsewhere, too', () => {
    // 50 is followed by 12, 22 and 32; only the place in the copy tells which comes next.
    const output = [...header, 10, 11, 7, 50];
    expect(tokensOf(copying(file, output), [...file, ...output], 3)).toEqual([12, 13, 20]);
  });

  it('is taken up again behind a change', () => {
    const output = [...header, 10, 11, 8, 50];
    expect(tokensOf(copying(file, output), [...file, ...output], 2)).toEqual([12, 13]);
  });

  it('is foreseen with the change that was made before', () => {
    const output = [...header, 10, 11, 8, 50, 12, 13, 20];
    expect(tokensOf(copying(file, output), [...file, ...output], 5)).toEqual([21, 8, 50, 22, 23]);
  });

  it('is foreseen with what was put in between the same two words', () => {
    const named = [...header, ...[1, 2, 3].flatMap((n) => [10 * n, 60, 61, 10 * n + 3])];
    const output = [...header, 10, 60, 61, 99, 13, 20, 60];
    expect(tokensOf(copying(named, output), [...named, ...output], 4)).toEqual([61, 99, 23, 30]);
  });

  it('goes on saying a change that it has begun to say', () => {
    const twice = [...header, ...[1, 2].flatMap((n) => [10 * n, 7, 10 * n + 1, 10 * n + 2])];
    const output = [...header, 10, 80, 81, 82, 11, 12, 20, 80];
    expect(tokensOf(copying(twice, output), [...twice, ...output], 4)).toEqual([81, 82, 21, 22]);
  });

  it('is foreseen unchanged again where a change did not hold', () => {
    const output = [...header, 10, 11, 8, 50, 12, 13, 20, 21, 7, 50, 22, 23, 30];
    expect(tokensOf(copying(file, output), [...file, ...output], 3)).toEqual([31, 7, 50]);
  });

  it('is given up when the output goes elsewhere', () => {
    const elsewhere = Array.from({ length: 40 }, (_, n) => 5000 + n);
    const output = [...header, 10, 11, ...elsewhere];
    expect(tokensOf(copying(file, output), [...file, ...output], 4)).toEqual([]);
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
