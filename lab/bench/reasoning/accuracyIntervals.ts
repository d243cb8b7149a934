import { mean } from '../../../sidecar/numeric/mean.ts';
import { shareInterval } from '../../calibrate/evaluation.ts';
import type { Interval } from '../../numeric/bootstrap.ts';

const z = 1.96;

/**
 * Mean of a share over questions, each from 0 to 1 over `runs / shares.length` seeds, with the 95 % interval of Wilson, which
 * holds where all are right or none. Seeds of a question count as one answer where they always agree, as one each where they
 * differ as much as questions do: the number of answers is divided by their design effect (Kish 1965), at most to the number
 * of questions. Pure; there must be a question.
 */
export function shareOf(shares: readonly number[], runs: number): Interval {
  const estimate = mean(shares);
  const spread = mean(shares.map((share) => (share - estimate) ** 2));
  const ofOneSeed = estimate * (1 - estimate);
  const answers = spread === 0 ? shares.length : Math.min(runs, (shares.length * ofOneSeed) / spread);
  const { low, high } = shareInterval(estimate, answers);
  return { estimate, low: Math.max(0, low), high: Math.min(1, high) };
}

/**
 * Mean of paired differences, each from −1 to 1, with the adjusted Wald interval of Bonett and Price (2012,
 * doi 10.3102/1076998611411915), which holds where few pairs differ: as if two more questions had been asked, one won and
 * one lost. Fagerland, Lydersen and Laake (2014, doi 10.1002/sim.6148) recommend it; a score interval (Tango 1998) takes four
 * won and none lost for a difference. Differences of means over seeds enter as they are. Pure; there must be a difference.
 */
export function differenceOf(differences: readonly number[]): Interval {
  const withTwo = [...differences, 1, -1];
  const centre = mean(withTwo);
  const variance = mean(withTwo.map((difference) => (difference - centre) ** 2));
  const spread = z * Math.sqrt(variance / withTwo.length);
  return {
    estimate: mean(differences),
    low: Math.max(-1, centre - spread),
    high: Math.min(1, centre + spread),
  };
}
