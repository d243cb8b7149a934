import { eventsOf, type RunScope } from '../../request/eventChannel.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { valueOf } from '../search/stepNode.ts';
import type { StepPath } from '../search/stepPath.ts';
import { searchSteps, type StepSearch } from '../search/stepSearch.ts';

/**
 * Beam search over the steps of a thought: every beam takes several next steps, and of all of them the best are kept, as
 * many as there are beams (AlphaMath's step beam, arXiv 2405.03553). A beam whose thought is over leaves and takes its
 * place with it. A thought is worth the mean confidence of its steps, since there is no value head. The beams answer
 * together, and the request's selector decides.
 */
export const stepBeam: Strategy = {
  id: 'stepBeam',
  promptStyle: 'stepByStep',
  temperature: 0.6,
  continuesProbePrefix: false,
  run: (context, signal) => eventsOf((scope) => searchSteps(context, { walk, sharedBy: 1 }, scope), signal),
};

async function walk(
  { candidateCount, options: { stepSearch } }: Pick<StrategyContext, 'candidateCount' | 'options'>,
  { search, root }: { readonly search: StepSearch; readonly root: StepPath },
  scope: RunScope,
): Promise<readonly StepPath[]> {
  const ended: StepPath[] = [];
  let beams: readonly StepPath[] = [root];
  for (let depth = 1; depth <= stepSearch.maxSteps && beams.length > 0; depth++) {
    // The first step fills the beam from the prompt alone.
    const children = stepSearch.stepChildren * (depth === 1 ? candidateCount : 1);
    const families = await search.expand(beams, children, scope);
    if (families === null) break;
    const ranked = [...(await search.pruneDoubles(families.flat(), scope.events))].sort(compareValues);
    const kept = ranked.slice(0, candidateCount - ended.length);
    const least = valueOf(kept.at(-1)?.last ?? null).toFixed(3);
    for (const path of ranked.slice(kept.length)) {
      const value = valueOf(path.last).toFixed(3);
      await search.prune(
        path,
        `Its value ${value} is not among the best ${kept.length}, down to ${least}.`,
        scope.events,
      );
    }
    ended.push(...kept.filter(({ hasEnded }) => hasEnded));
    beams = kept.filter(({ hasEnded }) => !hasEnded);
  }
  const unfinished = search.open.filter((path) => !ended.includes(path)).sort(compareValues);
  return [...ended, ...unfinished.slice(0, candidateCount - ended.length)].sort(compareValues);
}

function compareValues(a: StepPath, b: StepPath): number {
  return valueOf(b.last) - valueOf(a.last) || a.id - b.id;
}
