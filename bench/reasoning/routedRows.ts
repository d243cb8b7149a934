import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../sidecar/cli/command.ts';
import type { Figure } from '../figure.ts';
import type { QuestionSet } from './questionSet.ts';
import { RawFile } from './rawFile.ts';
import { graded, type RawTrace } from './rawTrace.ts';
import { contrastScores, groupBy, scoresOf, summariseRow } from './rowSummary.ts';

/** What another model answered of a set in earlier runs, as its newest revision of each row has it. */
export async function answersOf(
  modelName: string,
  { name, hash, questions }: QuestionSet,
  rawFolder: string,
): Promise<readonly RawTrace[]> {
  const start = `${name}-${hash.slice(0, 8)}-${modelName}-`.replaceAll(/[^\w.-]+/g, '-');
  const files = (await readdir(rawFolder)).filter((file) => file.startsWith(start));
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new UsageError(
      `--route-to ${modelName} needs one file of its answers to ${name} in ${rawFolder}; there are ${files.length}. Measure that model first.`,
    );
  const { traces } = await RawFile.open(join(rawFolder, file));
  const expected = new Map(questions.map(({ id, answer }) => [id, answer]));
  return [...groupBy(traces, ({ row }) => row).values()].flatMap((ofRow) => {
    const newest = ofRow.at(-1)?.revision;
    return ofRow.flatMap((trace) => {
      const answer = expected.get(trace.questionId);
      return answer === undefined || trace.revision !== newest ? [] : [graded(trace, answer)];
    });
  });
}

/**
 * What a row would come to if a question that is hard for the model at hand went on to a larger one, by the answers that
 * both gave: the larger model alone, and both. The judgement itself is not counted: it costs the small model the prompt. Empty
 * where no question was answered by both. Pure.
 */
export function routedFigures(
  row: string,
  small: { readonly name: string; readonly traces: readonly RawTrace[] },
  large: { readonly name: string; readonly traces: readonly RawTrace[] },
): readonly Figure[] {
  const ofSmall = new Map(small.traces.filter((trace) => trace.row === row).map((t) => [t.questionId, t]));
  const shared = large.traces.filter((trace) => trace.row === row && ofSmall.has(trace.questionId));
  const routed = shared.map((ofLarge) => {
    const ofSame = ofSmall.get(ofLarge.questionId);
    return ofSame === undefined || ofSame.difficulty?.class === 'hard' ? ofLarge : ofSame;
  });
  const aloneName = `${row} by ${large.name}`;
  const routedName = `${row} by ${large.name} where hard for ${small.name}`;
  return [
    summariseRow(aloneName, 'plain', shared),
    summariseRow(routedName, 'plain', routed),
    contrastScores(
      { name: 'routed', group: 'strategies', subjectName: routedName, baselineName: aloneName },
      scoresOf(routed),
      scoresOf(shared),
    ),
  ].filter((figure) => figure !== null);
}
