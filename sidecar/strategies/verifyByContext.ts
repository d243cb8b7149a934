import { contextCheck } from '../selection/contextCheck.ts';
import { explorePrompt } from './exploration.ts';
import type { Strategy } from './strategy.ts';

/**
 * Several sampled candidates, whose answers the model then checks one by one against question and context. Its own
 * selector decides, whichever the request names: a check is what it is for.
 */
export const verifyByContext: Strategy = {
  id: 'verifyByContext',
  promptStyle: 'stepByStep',
  temperature: 0.7,
  selector: 'contextCheck',
  continuesOpening: true,
  run: (context, signal) => {
    const { candidateCount, sampler } = context;
    const plan = { form: 'reasonedLine', candidateCount, sampler } as const;
    return explorePrompt({ ...context, selector: contextCheck }, plan, signal);
  },
};
