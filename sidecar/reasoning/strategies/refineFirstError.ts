import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { findFirstError } from '../search/firstError.ts';
import { stepsOf, valueOf } from '../search/stepNode.ts';
import type { StepPath } from '../search/stepPath.ts';
import { searchSteps, type StepSearch } from '../search/stepSearch.ts';

/**
 * Half of the candidates think to their ends; then a critic names the first wrong step of each, the least sure ones
 * first, and another candidate goes on from before it with the cells that are there. Originals and refined ones answer
 * together, and the request's selector decides among all (GM-PRM, arXiv 2508.04088, with the model as its own critic).
 */
export const refineFirstError: Strategy = {
  id: 'refineFirstError',
  promptStyle: 'stepByStep',
  temperature: 0.7,
  continuesProbePrefix: false,
  run: (context, signal) => searchSteps(context, { walk: refine, sharedBy: context.candidateCount }, signal),
};

async function* refine(
  context: StrategyContext,
  { search, root }: { readonly search: StepSearch; readonly root: StepPath },
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, readonly StepPath[], void> {
  const originalCount = Math.ceil(context.candidateCount / 2);
  const originals = await search.branch(root, originalCount, signal);
  yield* search.grow(originals, signal);
  const doubtful = [...originals]
    .sort((a, b) => valueOf(a.last) - valueOf(b.last) || a.id - b.id)
    .slice(0, context.candidateCount - originalCount);
  const refined: StepPath[] = [];
  for (const path of doubtful) {
    if (search.isHalted(signal)) break;
    const steps = stepsOf(path.last).map(({ text }) => text);
    const thought = { steps, host: path.sequence };
    const { firstWrong, readCount, stopped } = yield* findFirstError(context, thought, signal);
    if (stopped !== null) {
      const why = `The search ended, because the critic was left out: ${stopped}.`;
      yield { type: 'decision/made', kind: 'searchEnded', candidateId: null, why };
      break;
    }
    if (firstWrong === null) {
      const why = `No step looks wrong, of ${readCount} that the critic read.`;
      if (readCount > 0) yield { type: 'decision/made', kind: 'noStepDoubted', candidateId: path.id, why };
      continue;
    }
    const again = await search.rewind(path, firstWrong, signal);
    const why = `Step ${firstWrong + 1} looks wrong: candidate ${again.id + 1} goes on from before it.`;
    yield { type: 'decision/made', kind: 'stepDoubted', candidateId: path.id, why };
    refined.push(again);
  }
  yield* search.grow(refined, signal);
  return [...originals, ...refined];
}
