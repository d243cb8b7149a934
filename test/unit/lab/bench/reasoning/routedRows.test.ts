import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { answersOf, routedFigures } from '../../../../../lab/bench/reasoning/routedRows.ts';
import type { DifficultyClass } from '../../../../../protocol/traceEvent.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

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

  it('pairs what both answered with the same seed', () => {
    const twice = (name: string, answers: readonly (readonly ReturnType<typeof rawCandidate>[])[]) => ({
      name,
      traces: answers.map((candidates, index) =>
        rawTrace('a', candidates, { seed: index + 1, difficulty: judged(index === 0 ? 'easy' : 'hard') }),
      ),
    });
    const [alone, routed] = routedFigures(
      'chainOfThought',
      twice('small', [right(10), wrong(10)]),
      twice('large', [wrong(40), right(40)]),
    );
    expect(alone).toMatchObject({ runs: 2, accuracy: { estimate: 0.5 } });
    expect(routed).toMatchObject({ runs: 2, accuracy: { estimate: 1 }, generatedTokens: { estimate: 25 } });
  });

  it('is none where both have nothing in common', () => {
    expect(routedFigures('stepBeam', small, large)).toEqual([]);
  });
});

describe('the answers of another model', () => {
  const set = {
    name: 'sums',
    hash: 'abcdefgh'.repeat(8),
    questions: [{ id: 'a', index: 0, question: '?', hash: 'a', expected: 'right' }],
  };
  const lines = [
    rawTrace('a', wrong(5), { revision: 'before' }),
    rawTrace('elsewhere', right(5)),
    rawTrace('a', right(5)),
  ].map((trace) => JSON.stringify(trace));

  it('are those of its newest revision to questions of the set', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'sums-abcdefgh-large-01234567.jsonl'), lines.join('\n'));
    expect(await answersOf('large', set, folder.path)).toMatchObject([{ revision: 'now', isRight: true }]);
  });

  it('are not those with an adapter, nor those of a model whose name begins alike', async () => {
    await using folder = await temporaryFolder();
    const names = ['large-01234567', 'large-01234567-terse.gguf-89abcdef-x0.5', 'large-v2-01234567'];
    for (const name of names)
      await writeFile(
        path.join(folder.path, `sums-abcdefgh-${name}.jsonl`),
        name === names[0] ? lines.join('\n') : '',
      );
    expect(await answersOf('large', set, folder.path)).toHaveLength(1);
  });

  it('are asked for where there are none', async () => {
    await using folder = await temporaryFolder();
    await expect(answersOf('large', set, folder.path)).rejects.toThrow(UsageError);
  });
});
