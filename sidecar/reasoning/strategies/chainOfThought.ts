import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';

/** One candidate that thinks first; at its cap the thought is closed at a sentence end and the answer asked for. */
export const chainOfThought: Strategy = {
  id: 'chainOfThought',
  promptStyle: 'stepByStep',
  temperature: 0,
  continuesProbePrefix: true,
  run: (context, signal) =>
    eventsOf(
      (scope) =>
        explorePrompt(context, { form: 'reasoned', candidateCount: 1, sampler: context.sampler }, scope),
      signal,
    ),
};
