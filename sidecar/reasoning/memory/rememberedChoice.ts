import { type StrategyId, votesOnSamples } from '../../../protocol/strategyTable.ts';
import { betaAt } from '../../numeric/betaSample.ts';
import type { ChosenStrategy } from '../difficulty/autoTable.ts';
import type { SignatureRecord, StrategyRecord } from './strategyMemory.ts';

/** What a thousand tokens have to gain in wins to be worth it. */
const winsPerThousandTokens = 0.1;
/** First of the seed's streams that draw strategies; candidates draw tokens from those with their own numbers. */
const firstStream = 0x6d65_0000;

/**
 * What the memory chooses among: one thought, a vote, and what the table says of the class, of which votes only where there
 * may be several candidates.
 */
export function rememberedArms(
  byTable: ChosenStrategy,
  candidateCount: number,
): readonly [ChosenStrategy, ...ChosenStrategy[]] {
  const others = new Set<ChosenStrategy>(['selfConsistency', byTable]);
  others.delete('chainOfThought');
  return ['chainOfThought', ...[...others].filter((arm) => candidateCount > 1 || !votesOnSamples(arm))];
}

export interface RememberedChoice<T extends StrategyId> {
  readonly strategy: T;
  /** One sentence for the panel. */
  readonly why: string;
}

/**
 * The strategy of `arms` to try on problems of a signature, by Thompson sampling: each arm's chance of winning is drawn
 * from Beta(wins + 1, losses + 1), what its runs took on average is subtracted, and the highest is taken, the first of
 * equal ones. One that never ran is taken to cost nothing, and one that was seldom judged is drawn from a wide
 * distribution, so none is ever given up. After SMART (2410.16128). Pure: the same seed draws the same.
 */
export function chooseRemembered<T extends StrategyId>(
  record: SignatureRecord | undefined,
  arms: readonly [T, ...T[]],
  seed: number,
): RememberedChoice<T> {
  const scored = arms.map((strategy, index) => {
    const { tries, wins, runs, tokens } = record?.strategies[strategy] ?? unmet;
    const chance = betaAt(wins + 1, tries - wins + 1, { seed, stream: firstStream + index });
    const meanTokens = runs === 0 ? 0 : tokens / runs;
    return { strategy, tries, wins, score: chance - (winsPerThousandTokens * meanTokens) / 1000 };
  });
  const best = scored.reduce((leader, arm) => (arm.score > leader.score ? arm : leader));
  const known = scored.map(({ strategy, tries, wins }) => `${strategy} ${count(wins)} of ${count(tries)}`);
  const why = `On questions like this one ${known.join(', ')} came out well; ${best.strategy} was drawn.`;
  return { strategy: best.strategy, why };
}

const unmet: StrategyRecord = { tries: 0, wins: 0, runs: 0, tokens: 0 };

function count(number: number): string {
  return String(Math.round(number * 10) / 10);
}
