import { describe, expect, it } from 'vitest';
import {
  acceptanceBySource,
  acceptanceFigures,
  describePartings,
  overallRatio,
  pairedSpeeds,
  partings,
  speedOfAll,
} from '../../../../lab/bench/textComparison.ts';
import { runInTurn, type TextRun } from '../../../../lab/bench/textRun.ts';

const run = (ids: readonly number[], tokensPerSecond: number, more: Partial<TextRun> = {}): TextRun => ({
  ids,
  text: '',
  tokensPerSecond,
  drafts: [],
  margins: [],
  ...more,
});

const comparison = (subject: readonly TextRun[], baseline: readonly TextRun[]) => ({
  subjectName: 'auto',
  subject,
  baselineName: 'off',
  baseline,
});

describe('speeds', () => {
  // 4 tokens in 0.4 s and 2 in 0.1 s; the other side 4 in 0.8 s and 2 in 0.2 s.
  const both = comparison([run([1, 2, 3, 4], 10), run([1, 2], 20)], [run([1, 2, 3, 4], 5), run([1, 2], 10)]);

  it('over all tokens count long texts for what they are', () => {
    expect(speedOfAll(both.subject)).toBeCloseTo(6 / 0.5);
    const { value, name } = overallRatio('edit', both);
    expect(value).toBeCloseTo(2);
    expect(name).toBe('edit: auto ÷ off');
  });

  it('tell the range of resampled texts', () => {
    const uneven = comparison([run([1, 2], 10), run([1, 2], 40)], [run([1, 2], 10), run([1, 2], 10)]);
    expect(overallRatio('edit', uneven).basis).toMatch(/95 % of resampled texts 1\.00 to 4\.00$/);
  });

  it('are paired request by request', () => {
    expect(pairedSpeeds('edit', both).pairs).toEqual([
      { subject: 10, baseline: 5 },
      { subject: 20, baseline: 10 },
    ]);
  });
});

describe('acceptance', () => {
  const drafted = (source: string, draftedTokenCount: number, acceptedTokenCount: number) =>
    run([1], 1, { drafts: [{ source, draftedTokenCount, acceptedTokenCount }] });
  const runs = [drafted('trie', 10, 1), drafted('draftModel', 5, 4), drafted('trie', 30, 29), run([1], 1)];

  it('is of all drafted tokens together, each source by itself', () => {
    expect([...acceptanceBySource(runs)]).toEqual([
      ['trie', 0.75],
      ['draftModel', 0.8],
    ]);
    expect([...acceptanceBySource([run([1], 1), drafted('trie', 0, 0)])]).toEqual([]);
  });

  it('is shown with the source where a contender has several', () => {
    expect(acceptanceFigures('edit', 'auto', runs).map(({ name }) => name)).toEqual([
      'edit: drafted tokens accepted, auto, trie',
      'edit: drafted tokens accepted, auto, draftModel',
    ]);
    expect(acceptanceFigures('edit', 'server', [drafted('server', 2, 1)])).toMatchObject([
      { name: 'edit: drafted tokens accepted, server', value: 0.5 },
    ]);
  });
});

describe('texts that part', () => {
  const margins = [0.9, 0.001, 0.8];
  const both = comparison(
    [run([1, 2, 3], 1), run([1, 9, 3], 1), run([1, 2], 1)],
    [run([1, 2, 3], 1, { margins }), run([1, 2, 3], 1, { margins }), run([1, 2, 3], 1, { margins })],
  );

  it('are found at their first difference, also where one only ends sooner', () => {
    expect(partings(both)).toEqual([
      { request: 1, token: 1, margin: 0.001 },
      { request: 2, token: 2, margin: 0.8 },
    ]);
    expect(describePartings('edit', both)).toBe(
      'edit: greedy texts of auto and off differ in 2 of 3: text 2 at token 2 (the two likeliest 0.001 apart), text 3 at token 3 (the two likeliest 0.800 apart).',
    );
  });

  it('are none where all agree', () => {
    const same = comparison([run([1], 1)], [run([1], 1)]);
    expect(describePartings('edit', same)).toBe('edit: greedy texts of auto and off differ in 0 of 1.');
  });
});

it('contenders take turns at going first', async () => {
  const order: string[] = [];
  const contender = (name: string) => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve(run([order.length], 1));
    },
  });
  const request = { prompt: [1], tokens: 1, requestClass: 'chat' } as const;
  const heard: number[] = [];
  const runs = await runInTurn(
    ['a', 'b', 'c'].map(contender),
    Array.from({ length: 4 }, () => request),
    (index) => heard.push(index),
    new AbortController().signal,
  );
  expect(order.join('')).toBe('abc' + 'bca' + 'cab' + 'abc');
  expect(heard).toEqual([0, 1, 2, 3]);
  expect(runs.get('b')?.map(({ ids }) => ids[0])).toEqual([2, 4, 9, 11]);
});
