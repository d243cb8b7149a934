import { UsageError } from '../../../sidecar/cli/command.ts';
import type { Figure } from '../figure.ts';
import type { QuestionSet } from './questionSet.ts';
import { RawFile, rawFilesOf } from './rawFile.ts';
import { gradedFor, type RawTrace } from './rawTrace.ts';
import { contrastScores, groupBy, questionScores, summariseRow } from './rowSummary.ts';

/** What another model answered of a set in earlier runs, as the last revision of each row has it. */
export async function answersOf(
  modelName: string,
  set: QuestionSet,
  rawFolder: string,
): Promise<readonly RawTrace[]> {
  const files = await rawFilesOf(set, modelName, rawFolder);
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new UsageError(
      `--route-to ${modelName} needs one file of its answers to ${set.name} in ${rawFolder}; there are ${files.length}.`,
    );
  const { traces } = await RawFile.open(file);
  const newest = [...groupBy(traces, ({ row }) => row).values()].flatMap((ofRow) => {
    const revision = ofRow.at(-1)?.revision;
    return ofRow.filter((trace) => trace.revision === revision);
  });
  return gradedFor(set.questions, newest);
}

/** Note below figures of routing. */
export const routingNote =
  'Routing is reckoned from what both models answered by themselves, with the class that the smaller one noted beside its answer. What the judgement costs it, the prompt and without a probe 32 tokens, is not counted; seconds are of separate runs.';

/**
 * What a row would come to if a question that is hard for the model at hand went on to a larger one, by the answers that
 * both gave with the same seed: the larger model alone, and both. Empty where there are none. Pure.
 */
export function routedFigures(
  row: string,
  small: { readonly name: string; readonly traces: readonly RawTrace[] },
  large: { readonly name: string; readonly traces: readonly RawTrace[] },
): readonly Figure[] {
  const ofSmall = new Map(
    small.traces.filter((trace) => trace.row === row).map((trace) => [runOf(trace), trace]),
  );
  const shared = large.traces.filter((trace) => trace.row === row && ofSmall.has(runOf(trace)));
  const routed = shared.map((ofLarge) => {
    const ofSame = ofSmall.get(runOf(ofLarge));
    return ofSame === undefined || ofSame.difficulty?.class === 'hard' ? ofLarge : ofSame;
  });
  const aloneName = `${row} by ${large.name}`;
  const routedName = `${row} by ${large.name} where hard for ${small.name}`;
  return [
    summariseRow(aloneName, 'plain', shared),
    summariseRow(routedName, 'plain', routed),
    contrastScores(
      { name: 'routed', group: 'strategies', subjectName: routedName, baselineName: aloneName },
      questionScores(routed),
      questionScores(shared),
    ),
  ].filter((figure) => figure !== null);
}

function runOf({ questionId, seed }: RawTrace): string {
  return `${seed} ${questionId}`;
}
