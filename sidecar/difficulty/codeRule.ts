import type { DifficultyClass } from '../../protocol/traceEvent.ts';
import profile from './codeProfile.json' with { type: 'json' };
import type { CodeSignals } from './codeSignals.ts';
import type { DifficultyEstimate, DifficultyEstimator } from './difficultyEstimator.ts';

/**
 * Judges a question about code by the code, before the first token: each of its signals gives a point above its first
 * bound and another above its second, a language that models have seen little of gives one, and the sum decides. Bounds
 * of complexity after McCabe (1976), all others set by hand: see `codeProfile.json`.
 */
export function codeRule(signals: CodeSignals): DifficultyEstimator {
  return {
    readsPromptState: false,
    openingTokens: () => 0,
    estimate: () => Promise.resolve(judgeCode(signals)),
    dispose: () => Promise.resolve(),
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
  const found = diagnosticCount === null ? 'diagnostics not known' : `${diagnosticCount} diagnostics`;
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
      `${lineCount} lines of ${languageId}, complexity ${complexity}, ${found}: ${sum} points ` +
      `(easy up to ${easyUpToPoints}, hard from ${hardFromPoints}; uncalibrated).`,
  };
}

function pointsAbove(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value > bound).length;
}
