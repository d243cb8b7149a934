import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';

/** One candidate that answers without a thought of its own. */
export const direct: Strategy = {
  id: 'direct',
  promptStyle: 'direct',
  temperature: 0,
  continuesProbePrefix: true,
  run: (context, signal) =>
    eventsOf(
      (scope) =>
        explorePrompt(context, { form: 'direct', candidateCount: 1, sampler: context.sampler }, scope),
      signal,
    ),
};
