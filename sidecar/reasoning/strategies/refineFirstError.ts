import { eventsOf, type RunScope } from '../../request/eventChannel.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { findFirstError } from '../search/firstError.ts';
import { stepsUpTo, valueOf } from '../search/stepNode.ts';
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
  run: (context, signal) =>
    eventsOf(
      (scope) => searchSteps(context, { walk: refine, sharedBy: context.candidateCount }, scope),
      signal,
    ),
};

async function refine(
  context: StrategyContext,
  { search, root }: { readonly search: StepSearch; readonly root: StepPath },
  scope: RunScope,
): Promise<readonly StepPath[]> {
  const { events, signal } = scope;
  const originalCount = Math.ceil(context.candidateCount / 2);
  const originals = await search.branch(root, originalCount, signal);
  await search.grow(originals, scope);
  const doubtful = [...originals]
    .sort((a, b) => valueOf(a.last) - valueOf(b.last) || a.id - b.id)
    .slice(0, context.candidateCount - originalCount);
  const refined: StepPath[] = [];
  for (const path of doubtful) {
    if (search.isHalted(signal)) break;
    const steps = stepsUpTo(path.last).map(({ text }) => text);
    const thought = { steps, host: path.sequence };
    const { firstWrong, readCount, stopped } = await findFirstError(context, thought, scope);
    if (stopped !== null) {
      const why = `The search ended, because the critic was left out: ${stopped}.`;
      await events.push({ type: 'decision/made', kind: 'searchEnded', candidateId: null, why });
      break;
    }
    if (firstWrong === null) {
      const why = `No step looks wrong, of ${readCount} that the critic read.`;
      if (readCount > 0)
        await events.push({ type: 'decision/made', kind: 'noStepDoubted', candidateId: path.id, why });
      continue;
    }
    const again = await search.rewind(path, firstWrong, signal);
    const why = `Step ${firstWrong + 1} looks wrong: candidate ${again.id + 1} goes on from before it.`;
    await events.push({ type: 'decision/made', kind: 'stepDoubted', candidateId: path.id, why });
    refined.push(again);
  }
  await search.grow(refined, scope);
  return [...originals, ...refined];
}
