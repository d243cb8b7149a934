import { eventsOf } from '../../request/eventChannel.ts';
import type { Strategy } from '../context/strategy.ts';
import { explorePrompt } from '../exploration/exploration.ts';
import { checkedFirst } from '../selection/checkedFirst.ts';

/**
 * Several sampled candidates, whose answers the model then checks one by one against question and context. Where no
 * selector was chosen, votes count as much as their answers pass; a chosen one decides among the answers that pass.
 */
export const verifyByContext: Strategy = {
  id: 'verifyByContext',
  promptStyle: 'stepByStep',
  temperature: 0.7,
  selector: 'contextCheck',
  continuesProbePrefix: true,
  run: (context, signal) => {
    const { candidateCount, sampler, selector } = context;
    const plan = { form: 'reasonedLine', candidateCount, sampler } as const;
    const checking = selector.id === 'contextCheck' ? selector : checkedFirst(selector);
    return eventsOf((scope) => explorePrompt({ ...context, selector: checking }, plan, scope), signal);
  },
};
