import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';

/**
 * Several sampled thoughts over one prompt, decoded side by side; the answer most of them reach wins
 * (arXiv 2203.11171). Stops early once the rest cannot overturn the lead, or hardly will.
 */
export const selfConsistency: Strategy = {
  id: 'selfConsistency',
  promptStyle: 'stepByStep',
  // Votes need candidates that differ.
  temperature: 0.7,
  continuesProbePrefix: true,
  run: (context, signal) => {
    const { candidateCount, sampler } = context;
    return eventsOf(
      (scope) => explorePrompt(context, { form: 'reasonedLine', candidateCount, sampler }, scope),
      signal,
    );
  },
};
