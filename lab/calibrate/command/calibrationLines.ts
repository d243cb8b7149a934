import { difficultyClasses } from '../../../protocol/traceEvent.ts';
import type { CalibrationPaths } from '../calibrateModel.ts';
import type { Calibration } from '../calibrateProbe.ts';

/** Main results of a calibration, for a reader; its report has the rest. Pure. */
export function calibrationLines(
  { questions, thresholds, probe: fitted, constantLossNats, validation }: Calibration,
  paths: CalibrationPaths,
): readonly string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const { probe, majority, entropyRule, questionCount } = validation;
  const counts = difficultyClasses.map(
    (name) => `${questions.filter(({ difficulty }) => difficulty === name).length} ${name}`,
  );
  return [
    `${questions.length} questions: ${counts.join(', ')} (β ${thresholds.beta.toFixed(3)} nats)`,
    `On ${questionCount} held-out questions the probe is right in ${percent(probe.accuracy)}, always saying ` +
      `"${majority.difficulty}" in ${percent(majority.accuracy)}, the entropy rule in ${percent(entropyRule.accuracy)}.`,
    `Log-loss over five folds: the probe ${fitted.foldLossNats.toFixed(3)} nats, a constant ${constantLossNats.toFixed(3)}.`,
    `probe:  ${paths.probe}`,
    `report: ${paths.report}`,
  ];
}
