import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformAt } from '../../../../../sidecar/numeric/random.ts';
import { memoryReport } from '../../../../../sidecar/reasoning/memory/memoryReport.ts';
import { problemSignature } from '../../../../../sidecar/reasoning/memory/problemSignature.ts';
import {
  chooseRemembered,
  rememberedArms,
} from '../../../../../sidecar/reasoning/memory/rememberedChoice.ts';
import {
  emptyMemory,
  type StrategyOutcome,
  mostSignatures,
  mostTries,
  parseStrategyMemory,
  type StrategyMemory,
  withOutcomes,
} from '../../../../../sidecar/reasoning/memory/strategyMemory.ts';
import { StrategyMemoryFile } from '../../../../../sidecar/reasoning/memory/strategyMemoryFile.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const metAt = '2026-01-01T00:00:00.000Z';
const won: StrategyOutcome = { strategy: 'selfConsistency', hasWon: true, tokens: 100 };
const arms = ['chainOfThought', 'selfConsistency'] as const;

describe('the signature of a problem', () => {
  const asked = (question: string, languageId?: string) =>
    problemSignature(
      { question, attachment: languageId === undefined ? null : { languageId, path: 'a', text: 'x' } },
      'normal',
    );

  it.each([
    ['Why is the sky blue?', 'prose, short, normal'],
    ['Anna has 3 apples and eats 1.5 of them. How many are left?', 'numbers, short, normal'],
    [`${'word '.repeat(40)}2 and 3`, 'numbers, middling, normal'],
    ['Which one?\nA) red\nB) blue', 'choice, short, normal'],
    ['word '.repeat(100), 'prose, long, normal'],
  ])('of %j', (question, signature) => {
    expect(asked(question)).toBe(signature);
  });

  it('of code names its language, and never more than that', () => {
    expect(asked('What does it do?', 'typescript')).toBe('code typescript, short, normal');
    expect(asked('What does it do?', 'my secret\n'.repeat(9))).toBe('code other, short, normal');
  });
});

describe('a memory', () => {
  it('counts what was judged apart from what only ran', () => {
    const outcomes: readonly StrategyOutcome[] = [
      won,
      { ...won, hasWon: false, tokens: 50 },
      { ...won, hasWon: null, tokens: 30 },
      { strategy: 'chainOfThought', hasWon: true, tokens: null },
    ];
    const memory = withOutcomes(emptyMemory, { signature: 'a', metAt }, outcomes);
    expect(memory.signatures['a']?.strategies).toEqual({
      selfConsistency: { tries: 2, wins: 1, runs: 3, tokens: 180 },
      chainOfThought: { tries: 1, wins: 1, runs: 0, tokens: 0 },
    });
    expect(memoryReport(memory)).toEqual([
      {
        signature: 'a',
        metAt,
        strategies: [
          { strategy: 'chainOfThought', tries: 1, wins: 1, meanTokens: null },
          { strategy: 'selfConsistency', tries: 2, wins: 1, meanTokens: 60 },
        ],
      },
    ]);
    expect(parseStrategyMemory(JSON.stringify(memory))).toEqual(memory);
  });

  it('stays within its bounds whatever is learned, and forgets what was met longest ago', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.boolean(), fc.nat(1000)), { maxLength: 400 }), (runs) => {
        const memory = runs.reduce<StrategyMemory>(
          (before, [signature, hasWon, tokens]) =>
            withOutcomes(before, { signature: `s${signature}`, metAt }, [{ ...won, hasWon, tokens }]),
          emptyMemory,
        );
        for (const { strategies } of Object.values(memory.signatures)) {
          for (const { tries, wins } of Object.values(strategies)) {
            expect(tries).toBeLessThanOrEqual(mostTries);
            expect(wins).toBeLessThanOrEqual(tries);
          }
        }
      }),
      { numRuns: 30 },
    );
    const days = Array.from({ length: mostSignatures + 5 }, (_, day) => day);
    const full = days.reduce(
      (memory, day) =>
        withOutcomes(memory, { signature: `s${day}`, metAt: new Date(day * 86_400_000).toISOString() }, [
          won,
        ]),
      emptyMemory,
    );
    expect(Object.keys(full.signatures)).toHaveLength(mostSignatures);
    expect(full.signatures['s4']).toBeUndefined();
    expect(full.signatures['s5']).toBeDefined();
  });

  it('is none where its text is damaged, of another version, or impossible', () => {
    const record = { tries: 1, wins: 2, runs: 1, tokens: 1 };
    const impossible = { version: 1, signatures: { a: { metAt, strategies: { direct: record } } } };
    for (const text of ['', '{"version":1', '{"version":2,"signatures":{}}', JSON.stringify(impossible)])
      expect(parseStrategyMemory(text)).toBeNull();
  });
});

describe('a strategy drawn from memory', () => {
  /** Runs a year of questions of one kind, whose strategies come out well this often, and counts what was drawn. */
  function live(rates: Readonly<Record<(typeof arms)[number], number>>, tokens: readonly [number, number]) {
    let memory = emptyMemory;
    const drawn = { chainOfThought: 0, selfConsistency: 0 };
    for (let seed = 0; seed < 400; seed++) {
      const { strategy } = chooseRemembered(memory.signatures['a'], arms, seed);
      if (seed >= 200) drawn[strategy] += 1;
      const hasWon = uniformAt(99, 0, seed) < rates[strategy];
      const outcome = { strategy, hasWon, tokens: tokens[arms.indexOf(strategy)] ?? 0 };
      memory = withOutcomes(memory, { signature: 'a', metAt }, [outcome]);
    }
    return drawn;
  }

  it('comes to be the one that wins more often, and the other is still tried', () => {
    const drawn = live({ chainOfThought: 0.4, selfConsistency: 0.8 }, [200, 200]);
    expect(drawn.selfConsistency).toBeGreaterThan(170);
    expect(live({ chainOfThought: 0.6, selfConsistency: 0.7 }, [200, 200]).chainOfThought).toBeGreaterThan(0);
  });

  it('comes to be the cheaper one where both win as often', () => {
    expect(live({ chainOfThought: 0.7, selfConsistency: 0.7 }, [200, 4000]).chainOfThought).toBeGreaterThan(
      170,
    );
  });

  it('is the same for the same seed', () => {
    const { signatures } = withOutcomes(emptyMemory, { signature: 'a', metAt }, [won]);
    const once = chooseRemembered(signatures['a'], arms, 12);
    expect(chooseRemembered(signatures['a'], arms, 12)).toEqual(once);
    expect(once.why).toContain('selfConsistency 1 of 1');
  });
});

describe('what a memory chooses among', () => {
  it.each([
    ['chainOfThought', 4, ['chainOfThought', 'selfConsistency']],
    ['stepBeam', 4, ['chainOfThought', 'selfConsistency', 'stepBeam']],
    ['chainOfThought', 1, ['chainOfThought']],
    ['hedgedBestOfN', 1, ['chainOfThought']],
    ['stepBeam', 1, ['chainOfThought', 'stepBeam']],
    ['direct', 1, ['chainOfThought', 'direct']],
  ] as const)('by a table that says %s, with %d candidates', (byTable, candidates, arms) => {
    expect(rememberedArms(byTable, candidates)).toEqual(arms);
  });
});

describe('the file of a memory', () => {
  it('loses nothing where many write at once, and leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    const clock = new ManualClock();
    const writers = Array.from({ length: 12 }, () => new StrategyMemoryFile(folder.path, clock));
    await Promise.all(writers.map((writer) => writer.learn('a', [won])));
    const { signatures } = await new StrategyMemoryFile(folder.path, clock).read();
    expect(signatures['a']?.strategies.selfConsistency).toEqual({
      tries: 12,
      wins: 12,
      runs: 12,
      tokens: 1200,
    });
    expect(await readdir(folder.path)).toEqual(['strategyMemory.json']);
  });

  it('is empty before and after, and where it is damaged', async () => {
    await using folder = await temporaryFolder();
    const file = new StrategyMemoryFile(path.join(folder.path, 'deep'), new ManualClock());
    expect(await file.read()).toEqual(emptyMemory);
    await file.clear();
    await file.learn('a', []);
    await expect(readFile(file.path)).rejects.toThrow();
    await file.learn('a', [won]);
    await writeFile(file.path, (await readFile(file.path, 'utf8')).slice(0, 40));
    expect(await file.read()).toEqual(emptyMemory);
    await file.learn('b', [won]);
    expect(Object.keys((await file.read()).signatures)).toEqual(['b']);
    await file.clear();
    expect(await file.read()).toEqual(emptyMemory);
  });

  it('that cannot be written is a coded error', async () => {
    await using folder = await temporaryFolder();
    const blocked = path.join(folder.path, 'file');
    await writeFile(blocked, '');
    const memory = new StrategyMemoryFile(blocked, new ManualClock());
    await expect(memory.learn('a', [won])).rejects.toMatchObject({ code: 'store.unwritable' });
  });
});
