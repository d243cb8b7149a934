import type { SamplerSettings } from '../../../protocol/traceEvent.ts';
import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';

/** How far the temperatures of sampled candidates lie to both sides of the request's own. */
const temperatureSpread = 0.1;

/**
 * Best of N with a hedge: the first candidate is greedy, so that sampling costs nothing where the model knows the
 * answer, and the others are drawn at temperatures spread around the request's own, with min-p (arXiv 2506.20544). All
 * share the prompt and are decoded side by side; the request's selector decides.
 */
export const hedgedBestOfN: Strategy = {
  id: 'hedgedBestOfN',
  promptStyle: 'stepByStep',
  temperature: 0.8,
  continuesProbePrefix: true,
  run: (context, signal) => {
    const { candidateCount, sampler } = context;
    const siblingSampler = (place: number): SamplerSettings => {
      return { ...sampler, temperature: siblingTemperature(sampler.temperature, place, candidateCount) };
    };
    const greedy = { ...sampler, temperature: 0 };
    const plan = { form: 'reasonedLine', candidateCount, sampler: greedy, siblingSampler } as const;
    return eventsOf((scope) => explorePrompt(context, plan, scope), signal);
  },
};

/** Temperature of candidate 1…N−1, in even steps from 0.1 below the middle to 0.1 above; a single one takes the middle. Pure. */
export function siblingTemperature(middle: number, place: number, candidateCount: number): number {
  const steps = candidateCount - 2;
  const offset = steps <= 0 ? 0 : temperatureSpread * ((2 * (place - 1)) / steps - 1);
  return Math.max(0, Math.round((middle + offset) * 1000) / 1000);
}
