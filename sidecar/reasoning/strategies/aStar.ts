import { eventsOf, type RunScope } from '../../request/eventChannel.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { depthOf, valueOf } from '../search/stepNode.ts';
import type { StepPath } from '../search/stepPath.ts';
import { searchSteps, type StepSearch } from '../search/stepSearch.ts';

/**
 * A* over the steps of a thought (arXiv 2505.13672): of all open thoughts the one of lowest f = g + h takes its next
 * steps, where h = 1 − r, r is a thought's worth in 0…1, and g adds up what worth was lost on the way. So it goes back to
 * an earlier thought where the latest disappoints. Worth is the mean confidence of the steps, in place of the source's
 * reward model. The first thought that is over when its turn comes answers, and no other does.
 */
export const aStar: Strategy = {
  id: 'aStar',
  promptStyle: 'stepByStep',
  temperature: 0.6,
  continuesProbePrefix: false,
  run: (context, signal) => eventsOf((scope) => searchSteps(context, { walk, sharedBy: 1 }, scope), signal),
};

/** An open thought. */
export interface OpenThought {
  readonly path: Pick<StepPath, 'id' | 'last'>;
  /** g: worth lost on the way to it. */
  readonly cost: number;
}

async function walk(
  { candidateCount, options: { stepSearch } }: Pick<StrategyContext, 'candidateCount' | 'options'>,
  { search, root }: { readonly search: StepSearch; readonly root: StepPath },
  scope: RunScope,
): Promise<readonly StepPath[]> {
  let best: OpenThought & { readonly path: StepPath } = { path: root, cost: 0 };
  let others: readonly (typeof best)[] = [];
  // As many expansions as a beam of this width would make: nothing else bounds a search that keeps going back.
  for (let expansions = candidateCount * stepSearch.maxSteps; expansions > 0; expansions--) {
    if (best.path.hasEnded || depthOf(best.path.last) >= stepSearch.maxSteps) break;
    const worth = best.path.last === null ? null : valueOf(best.path.last);
    const families = await search.expand([best.path], stepSearch.stepChildren, scope);
    if (families === null) break;
    const { cost } = best;
    const children = (await search.pruneDoubles(families.flat(), scope.events)).map((path) => {
      return { path, cost: cost + lostWorth(worth, valueOf(path.last)) };
    });
    const [first, ...rest] = [...others, ...children].sort(compareThoughts);
    if (first === undefined) break;
    for (const thought of rest.slice(candidateCount - 1)) {
      const why = `Its cost ${totalCost(thought).toFixed(3)} is not among the lowest ${candidateCount}.`;
      await search.prune(thought.path, why, scope.events);
    }
    [best, others] = [first, rest.slice(0, candidateCount - 1)];
  }
  return [best.path];
}

/** Cost of a step from a thought of one worth to another; none from the prompt, which has no worth. Pure. */
export function lostWorth(from: number | null, to: number): number {
  return from === null ? 0 : Math.max(0, from - to);
}

/** f = g + 1 − r. Pure. */
export function totalCost({ path, cost }: OpenThought): number {
  return cost + 1 - valueOf(path.last);
}

/** Lowest f first, then the deeper, then the older. Pure. */
export function compareThoughts(a: OpenThought, b: OpenThought): number {
  return totalCost(a) - totalCost(b) || depthOf(b.path.last) - depthOf(a.path.last) || a.path.id - b.path.id;
}
