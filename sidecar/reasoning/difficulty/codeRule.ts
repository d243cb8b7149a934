import { counted } from '../../../protocol/counted.ts';
import type { DifficultyClass } from '../../../protocol/traceEvent.ts';
import {
  type DifficultyEstimate,
  type DifficultyEstimator,
  settled,
} from '../../request/difficultyEstimator.ts';
import profile from './codeProfile.json' with { type: 'json' };
import { codeSignals, type CodeSignals } from './codeSignals.ts';

/**
 * Judges a question about code by the code, before the first token: each of its signals gives a point above its first
 * bound and another above its second, a language that models have seen little of gives one, and the sum decides. Bounds
 * of complexity after McCabe (1976), all others set by hand: see `codeProfile.json`.
 */
export function codeRule(signals: CodeSignals): DifficultyEstimator {
  return settled(judgeCode(signals));
}

/**
 * Judges a question that asks for code by its own lines and conditions, before the first token. The code is not there yet,
 * and a single line may ask for any amount of it: so none is easy, and one that says as much as hard code does is hard.
 */
export function codeRequestRule(question: string): DifficultyEstimator {
  return settled(judgeRequest(question));
}

/** Pure. */
export function judgeRequest(question: string): DifficultyEstimate {
  const { lineCount, complexity } = codeSignals({ languageId: 'plaintext', path: '', text: question });
  const { points, hardFromPoints } = profile;
  const sum = pointsAbove(lineCount, points.lineCount) + pointsAbove(complexity, points.complexity);
  return {
    difficulty: sum >= hardFromPoints ? 'hard' : 'normal',
    source: 'codeRequest',
    probabilities: null,
    meanEntropyNats: null,
    features: { lineCount, complexity, points: sum },
    why:
      `A request of ${counted(lineCount, 'line')}, complexity ${complexity}: ${counted(sum, 'point')} ` +
      `(hard from ${hardFromPoints}, never easy; uncalibrated).`,
  };
}

/** Pure. */
export function judgeCode(signals: CodeSignals): DifficultyEstimate {
  const { languageId, lineCount, complexity, diagnosticCount } = signals;
  const { points, easyUpToPoints, hardFromPoints } = profile;
  const sum =
    pointsAbove(lineCount, points.lineCount) +
    pointsAbove(complexity, points.complexity) +
    pointsAbove(diagnosticCount ?? 0, points.diagnosticCount) +
    (profile.commonLanguages.includes(languageId) ? 0 : profile.rareLanguagePoints);
  const difficulty: DifficultyClass =
    sum <= easyUpToPoints ? 'easy' : sum >= hardFromPoints ? 'hard' : 'normal';
  const found = diagnosticCount === null ? 'diagnostics not known' : counted(diagnosticCount, 'diagnostic');
  return {
    difficulty,
    source: 'codeSignals',
    probabilities: null,
    meanEntropyNats: null,
    features: {
      languageId,
      lineCount,
      complexity,
      ...(diagnosticCount !== null && { diagnosticCount }),
      points: sum,
    },
    why:
      `${counted(lineCount, 'line')} of ${languageId}, complexity ${complexity}, ${found}: ${counted(sum, 'point')} ` +
      `(easy up to ${easyUpToPoints}, hard from ${hardFromPoints}; uncalibrated).`,
  };
}

function pointsAbove(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value > bound).length;
}
