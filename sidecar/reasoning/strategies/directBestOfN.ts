import type { SamplerSettings } from '../../../protocol/traceEvent.ts';
import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';
import { raceAndRepair } from '../exploration/programRace.ts';

/**
 * Best of N for code: one greedy program and N − 1 sampled ones, written without a thought over one prompt. They are parsed and
 * tested by the user's command as they end, the first that passes ends the rest, and where none passes the best is repaired
 * once with the text of its failure (sampling and filtering by tests: AlphaCode, arXiv 2203.07814; repair: Self-Debug,
 * arXiv 2304.05128).
 */
export const directBestOfN: Strategy = {
  id: 'directBestOfN',
  promptStyle: 'direct',
  // Of the sampled ones.
  temperature: 0.8,
  selector: 'verifiedCode',
  continuesProbePrefix: true,
  run: (context, signal) => {
    const { candidateCount, sampler } = context;
    const siblingSampler = (): SamplerSettings => sampler;
    const greedy = { ...sampler, temperature: 0 };
    const plan = { form: 'direct', candidateCount, sampler: greedy, siblingSampler } as const;
    return eventsOf((scope) => explorePrompt(context, { ...plan, settle: raceAndRepair }, scope), signal);
  },
};
