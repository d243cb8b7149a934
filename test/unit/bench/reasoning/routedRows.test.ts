import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { answersOf, routedFigures } from '../../../../bench/reasoning/routedRows.ts';
import type { DifficultyClass } from '../../../../protocol/traceEvent.ts';
import { UsageError } from '../../../../sidecar/cli/command.ts';
import { rawCandidate, rawTrace } from '../../../support/rawTraces.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const right = (length: number) => [rawCandidate('right', length, { isSelected: true })];
const wrong = (length: number) => [rawCandidate('wrong', length, { isSelected: true })];

const judged = (difficulty: DifficultyClass) =>
  ({ class: difficulty, source: 'probe', strategy: 'chainOfThought', meanEntropyNats: null }) as const;

describe('a routed row', () => {
  const small = {
    name: 'small',
    traces: [
      rawTrace('a', right(10), { difficulty: judged('easy'), machineMs: 1000 }),
      rawTrace('b', wrong(10), { difficulty: judged('hard'), machineMs: 1000 }),
      rawTrace('c', wrong(10), { difficulty: judged('normal'), machineMs: 1000 }),
      rawTrace('only here', right(10), { difficulty: judged('easy') }),
    ],
  };
  const large = {
    name: 'large',
    traces: [
      rawTrace('a', right(40), { machineMs: 8000 }),
      rawTrace('b', right(40), { machineMs: 8000 }),
      rawTrace('c', right(40), { machineMs: 8000 }),
      rawTrace('a', wrong(90), { row: 'direct' }),
    ],
  };

  it('has the large model answer what is hard for the small one, on what both have answered', () => {
    const [alone, routed, contrast] = routedFigures('chainOfThought', small, large);
    expect(alone).toMatchObject({
      questions: 3,
      accuracy: { estimate: 1 },
      generatedTokens: { estimate: 40 },
    });
    expect(routed).toMatchObject({
      questions: 3,
      accuracy: { estimate: 2 / 3 },
      generatedTokens: { estimate: 20 },
    });
    expect(contrast).toMatchObject({ questions: 3, tokenRatio: { estimate: 0.5 } });
  });

  it('is none where both have nothing in common', () => {
    expect(routedFigures('stepBeam', small, large)).toEqual([]);
  });
});

describe('the answers of another model', () => {
  const set = {
    name: 'sums',
    hash: 'abcdefgh'.repeat(8),
    questions: [{ id: 'a', index: 0, question: '?', answer: 'right', hash: 'a', task: null }],
  };
  const lines = [
    rawTrace('a', wrong(5), { revision: 'before' }),
    rawTrace('elsewhere', right(5)),
    rawTrace('a', right(5)),
  ].map((trace) => JSON.stringify(trace));

  it('are those of its newest revision to questions of the set', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'sums-abcdefgh-large-0123.jsonl'), lines.join('\n'));
    expect(await answersOf('large', set, folder.path)).toMatchObject([{ revision: 'now', isRight: true }]);
  });

  it('are asked for where there are none', async () => {
    await using folder = await temporaryFolder();
    await expect(answersOf('large', set, folder.path)).rejects.toThrow(UsageError);
  });
});
