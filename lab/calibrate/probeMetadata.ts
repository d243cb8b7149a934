import type { ModelIdentity } from '../../protocol/traceEvent.ts';
import { probeMetadataKeys, probeVersion, questionMark } from '../../sidecar/reasoning/difficulty/probe.ts';
import type { Calibration } from './calibrateProbe.ts';
import { hashQuestions } from './questionFile.ts';

/** What a probe file says of itself: nothing that changes between two runs on the same samples. Pure. */
export function probeMetadata(
  { thresholds, questions, probe, constantLossNats, validation }: Calibration,
  model: ModelIdentity,
): ReadonlyMap<string, string> {
  const training = questions.filter(({ isHeldOut }) => !isHeldOut);
  const { questionCount, probe: judged, majority, entropyRule, calibrationError } = validation;
  return new Map([
    [probeMetadataKeys.version, String(probeVersion)],
    [probeMetadataKeys.modelHash, model.hash],
    [probeMetadataKeys.modelName, model.name],
    [probeMetadataKeys.hiddenSize, String(probe.network.inputSize)],
    [probeMetadataKeys.thresholds, JSON.stringify(thresholds)],
    [probeMetadataKeys.trainingSetHash, trainingSetHash(questions)],
    [
      probeMetadataKeys.trainingQuestions,
      training.map(({ sampled }) => questionMark(sampled.questionHash)).join(' '),
    ],
    [
      probeMetadataKeys.validation,
      JSON.stringify({
        trainingQuestions: training.length,
        heldOutQuestions: questionCount,
        accuracy: judged.accuracy,
        balancedAccuracy: judged.balancedAccuracy,
        majorityAccuracy: majority.accuracy,
        entropyRuleAccuracy: entropyRule.accuracy,
        calibrationError,
        foldLossNats: probe.foldLossNats,
        constantLossNats,
      }),
    ],
  ]);
}

/** Names the training questions, in their order. */
export function trainingSetHash(questions: Calibration['questions']): string {
  return hashQuestions(
    questions.filter(({ isHeldOut }) => !isHeldOut).map(({ sampled }) => ({ hash: sampled.questionHash })),
  );
}
