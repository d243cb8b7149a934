import { assertNever } from '../../protocol/assertNever.ts';
import { difficultyClasses, type ModelIdentity } from '../../protocol/traceEvent.ts';
import type { Calibration, JudgeScore, LabelledQuestion, Validation } from './calibrateProbe.ts';
import { type BetaRule, publishedThresholds } from './difficultyLabels.ts';
import { beatsConstant, type ProbeLoss } from '../../sidecar/reasoning/difficulty/probeLoss.ts';
import { shareInterval } from './evaluation.ts';
import type { FittedEntropyRule } from './fittedEntropyRule.ts';
import { markdownTable } from './markdownTable.ts';
import { trainingSetHash } from './probeMetadata.ts';
import type { SamplingPlan } from './sampleQuestions.ts';

/** What a reader must know beside the numbers. */
export interface ReportContext {
  readonly model: ModelIdentity;
  readonly plan: SamplingPlan;
  /** Name of the question file, without its folder. */
  readonly questionsName: string;
  /** Processor and system. */
  readonly machine: string;
  /** ISO 8601, the day alone. */
  readonly date: string;
  /** Names of the pictures beside the report. */
  readonly plots: { readonly scatter: string; readonly reliability: string };
}

/** The calibration as a Markdown page. Every number comes from the samples. Pure. */
export function calibrationReport(calibration: Calibration, context: ReportContext): string {
  const { thresholds, questions, probe, constantLossNats, validation } = calibration;
  const { model, plan, plots } = context;
  const training = questions.filter(({ isHeldOut }) => !isHeldOut);
  const heldOut = questions.filter(({ isHeldOut }) => isHeldOut);
  return [
    `# Difficulty probe of ${model.name}`,
    '',
    `${context.date} · ${context.machine} · ${context.questionsName}, ${questions.length} questions: ` +
      `${training.length} to fit, ${heldOut.length} held out · ${plan.samples} samples each at temperature ` +
      `${plan.temperature}, ${plan.maxThoughtTokens} thought tokens at most, and a greedy one · seed ${plan.seed}`,
    '',
    '## Held-out questions',
    '',
    ...accuracyTable(validation),
    '',
    'A share above that of the commonest class is not evidence of skill while the intervals overlap. ' +
      `The rule at its best on the training questions: ${ruleText(validation.entropyRule)}.`,
    '',
    ...lossLines({ foldLossNats: probe.foldLossNats, constantLossNats }, training.length),
    '',
    'Rows are what the samples said, columns what the probe said of the prompt:',
    '',
    ...confusionTable(validation),
    '',
    `Expected calibration error ${validation.calibrationError.toFixed(3)} over ten bins. Bars show how often the ` +
      'probe was right where it was so sure; numbers are questions.',
    '',
    `![Accuracy by confidence](${plots.reliability})`,
    '',
    '## Labels',
    '',
    `Solved without doubt (a share of at least α = ${shareOf(thresholds.alpha)} of samples right, at most β = ` +
      `${thresholds.beta.toFixed(4)} nats a token) is normal, right in fewer than γ = ${shareOf(thresholds.gamma)} is hard, ` +
      `the rest is easy (DiffAdapt, arXiv 2510.19669). ${sharesText(calibration)} β is ${betaText(calibration.betaRule)}.`,
    '',
    `![Share of right samples and entropy](${plots.scatter})`,
    '',
    ...classTable(questions),
    '',
    '## Fit',
    '',
    `Two layers, ${probe.network.inputSize} inputs and ${probe.network.unitCount} hidden units, AdamW, ` +
      `${probe.epochs} epochs, weight decay ${probe.weightDecay}: both chosen by five folds of the training questions, ` +
      `which leave a loss of ${probe.foldLossNats.toFixed(3)} nats.`,
    '',
    `- Model ${model.hash} (${model.hashKind})`,
    `- Training questions ${trainingSetHash(questions)}`,
    '- The same samples and seed give the same probe, byte for byte. Sampling itself is not repeated so exactly: a model ' +
      'rounds by what is decoded beside, and that depends on when each sample ends.',
    '',
  ].join('\n');
}

/** Log-loss of the probe beside a constant's, and what follows from it. Pure. */
export function lossLines(loss: ProbeLoss, questionCount: number): readonly string[] {
  const { foldLossNats, constantLossNats } = loss;
  return [
    ...markdownTable(
      [`log-loss, five folds of the ${questionCount} training questions`, 'nats, lower is better'],
      [
        ['probe, at the weight decay and epochs that do best on these folds', foldLossNats.toFixed(3)],
        ['constant: how often each class occurs among them', constantLossNats.toFixed(3)],
      ],
    ),
    '',
    beatsConstant(loss)
      ? `The probe beats the constant by ${(constantLossNats - foldLossNats).toFixed(3)} nats.`
      : 'The probe was not shown to beat the constant.',
  ];
}

function accuracyTable({ questionCount, probe, majority, entropyRule }: Validation): readonly string[] {
  const row = (name: string, { accuracy, balancedAccuracy }: JudgeScore): readonly string[] => {
    const { low, high } = shareInterval(accuracy, questionCount);
    return [name, percent(accuracy), `${percent(low)} to ${percent(high)}`, percent(balancedAccuracy)];
  };
  return markdownTable(
    ['judge', 'right', '95 % interval', 'mean over the classes'],
    [
      row('probe', probe),
      row(`always ${majority.difficulty}`, majority),
      row('entropy of the first tokens, fitted', entropyRule),
    ],
  );
}

function confusionTable({ confusion }: Validation): readonly string[] {
  return markdownTable(
    ['', ...difficultyClasses],
    difficultyClasses.map((name, index) => [name, ...(confusion[index] ?? []).map(String)]),
  );
}

function classTable(questions: readonly LabelledQuestion[]): readonly string[] {
  return markdownTable(
    ['class', 'to fit', 'held out', 'samples right', 'tokens a sample', 'greedy right', 'cut off'],
    difficultyClasses.map((name) => {
      const ofClass = questions.filter(({ difficulty }) => difficulty === name);
      const samples = ofClass.flatMap(({ sampled }) => sampled.samples);
      const drawn = samples.filter(({ temperature }) => temperature > 0);
      const greedy = samples.filter(({ temperature }) => temperature === 0);
      const heldOut = ofClass.filter(({ isHeldOut }) => isHeldOut).length;
      const tokens = drawn.reduce((sum, one) => sum + one.thoughtTokens + one.answerTokens, 0);
      return [
        name,
        String(ofClass.length - heldOut),
        String(heldOut),
        shareText(drawn.filter(({ isCorrect }) => isCorrect).length, drawn.length),
        drawn.length === 0 ? '' : (tokens / drawn.length).toFixed(0),
        shareText(greedy.filter(({ isCorrect }) => isCorrect).length, greedy.length),
        shareText(samples.filter(({ end }) => end === 'truncated').length, samples.length),
      ];
    }),
  );
}

function sharesText({ shareRule, questions }: Calibration): string {
  switch (shareRule) {
    case 'published':
      return 'α and γ are the published ones.';
    case 'even': {
      const { alpha, gamma } = publishedThresholds;
      const hard = questions.filter(({ correctShare }) => correctShare < gamma).length;
      return (
        'α and γ are those that make the classes of the training questions most even; by the published ones ' +
        `(${alpha} and ${gamma}) ${shareText(hard, questions.length)} of all questions would be hard.`
      );
    }
    default:
      return assertNever(shareRule);
  }
}

function shareOf(value: number): string {
  return String(Number(value.toFixed(3)));
}

function betaText(rule: BetaRule): string {
  switch (rule.type) {
    case 'split':
      return "the split of the model's solved training questions by entropy with the least variance on both sides (Otsu)";
    case 'percentile':
      return `the entropy that ${percent(rule.share)} of the model's solved training questions stay within`;
    default:
      return assertNever(rule);
  }
}

function ruleText({ lowerNats, upperNats, classes }: FittedEntropyRule): string {
  const [low, middle, high] = classes;
  return `${low} below ${nats(lowerNats)}, ${middle} to ${nats(upperNats)}, ${high} from there on`;
}

function nats(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(3)} nats` : value < 0 ? 'any entropy' : 'no bound';
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? '' : percent(part / whole);
}
