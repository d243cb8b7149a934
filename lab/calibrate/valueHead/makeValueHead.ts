import { CodedError } from '../../../protocol/codedError.ts';
import { questionMark } from '../../../sidecar/reasoning/difficulty/probe.ts';
import { valueFeatureNames } from '../../../sidecar/reasoning/value/valueFeatures.ts';
import { valueHeadMetadataKeys, valueHeadVersion } from '../../../sidecar/reasoning/value/valueHead.ts';
import { hashQuestions } from '../questionFile.ts';
import type { ScoredQuestion } from '../valueSet/packedValueSet.ts';
import type { ValueBasis } from '../valueSet/valueBasis.ts';
import type { ValueSetHeader } from '../valueSet/valueQuestion.ts';
import { valueBy } from './chooseHead.ts';
import { encodeValueHead } from './encodeValueHead.ts';
import { fitValueHead, type FittedValueHead } from './fitValueHead.ts';
import { fitRules, type FittedRules, type ReplayedQuestion } from './valueReplay.ts';
import { valueExamplesOf, voteOf } from './valueExamples.ts';
import { beatsConstantAt, reportOn, type ValueHeadReport } from './valueHeadReport.ts';

/** Questions with the scores of their states, and the basis of those. */
export interface HeadMaterial {
  readonly header: ValueSetHeader;
  readonly basis: ValueBasis;
  readonly questions: readonly ScoredQuestion[];
}

export interface MadeValueHead {
  readonly report: ValueHeadReport;
  readonly fitted: Pick<FittedValueHead['heads'], 'kind' | 'shapes'>;
  readonly rules: FittedRules;
  /** An ONNX file. */
  readonly file: Uint8Array;
}

/**
 * Fits a value head to a set, judges it, fits the rules of its use by replay, and encodes it. `onReport` has the judgement also
 * where the head is refused. Throws `calibration.unbalanced` as `fitValueHead` does, and where its values at answers were not
 * shown to beat a constant; `cancelled` too.
 */
export async function makeValueHead(
  { header, basis, questions }: HeadMaterial,
  progress: { readonly onFitted: () => void; readonly onReport: (report: ValueHeadReport) => void },
  signal: AbortSignal,
): Promise<MadeValueHead> {
  const fit = await fitValueHead(questions, progress.onFitted, signal);
  const report = reportOn(questions, fit.heldOut);
  progress.onReport(report);
  requireSkill(report);
  const rules = fitRules(questions.flatMap((question, index) => replayedOrders(question, index, fit)));
  const metadata = metadataOf({ header, questions }, report, rules);
  const { kind, shapes } = fit.heads;
  return { report, fitted: { kind, shapes }, rules, file: encodeValueHead(fit.heads, basis, metadata) };
}

/** The question once for each of its candidates as the first, the others after it in turn: few questions say more so. */
function replayedOrders(
  question: ScoredQuestion,
  index: number,
  { headsWithout }: FittedValueHead,
): readonly ReplayedQuestion[] {
  const heads = headsWithout(index);
  const { candidates } = question;
  return candidates.map((_, first) => {
    const order = candidates.map((_candidate, place) => (first + place) % candidates.length);
    const values = new Map(
      valueExamplesOf(question, index, order).flatMap((example) =>
        example.place === 'answer' ? [[example.candidate, valueBy(heads, example)] as const] : [],
      ),
    );
    return order.flatMap((place) => {
      const one = candidates[place];
      if (one === undefined) return [];
      const { isCorrect, thoughtTokens, answerTokens } = one;
      return [
        {
          answer: voteOf(one),
          isCorrect,
          value: values.get(place) ?? 0,
          tokens: thoughtTokens + answerTokens,
        },
      ];
    });
  });
}

function requireSkill(report: ValueHeadReport): void {
  if (beatsConstantAt(report, 'answer')) return;
  const { lossNats, constantLossNats, gain } = report.places.answer;
  const interval = gain === null ? '' : ` (difference ${gain.low.toFixed(3)} to ${gain.high.toFixed(3)})`;
  throw new CodedError(
    'calibration.unbalanced',
    `The value head was not shown to know more than how often answers are right, so it is not installed: on held-out questions its ` +
      `log-loss is ${lossNats.toFixed(3)} nats, that of a constant ${constantLossNats.toFixed(3)}${interval}.`,
    'Sample more questions, of which the model solves some and fails at others.',
  );
}

function metadataOf(
  { header, questions }: Pick<HeadMaterial, 'header' | 'questions'>,
  report: ValueHeadReport,
  { rules, fullVote, weightedVote, allocated }: FittedRules,
): ReadonlyMap<string, string> {
  const { places, questionCount, voteShare } = report;
  const keys = valueHeadMetadataKeys;
  return new Map([
    [keys.version, String(valueHeadVersion)],
    [keys.modelHash, header.modelHash],
    [keys.modelName, header.modelName],
    [keys.hiddenSize, String(header.hiddenSize)],
    [keys.features, valueFeatureNames.join(' ')],
    [keys.rules, JSON.stringify(rules)],
    [
      keys.places,
      JSON.stringify((['lineEnd', 'answer'] as const).filter((place) => beatsConstantAt(report, place))),
    ],
    [keys.trainingSetHash, hashQuestions(questions.map(({ questionHash }) => ({ hash: questionHash })))],
    [keys.trainingQuestions, questions.map(({ questionHash }) => questionMark(questionHash)).join(' ')],
    [
      keys.validation,
      JSON.stringify({ questionCount, places, voteShare, replay: { fullVote, weightedVote, allocated } }),
    ],
  ]);
}
