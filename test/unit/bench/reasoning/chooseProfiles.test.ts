import { describe, expect, it } from 'vitest';
import { chooseProfiles, type Arm } from '../../../../bench/reasoning/chooseProfiles.ts';
import type { DifficultyClass } from '../../../../protocol/traceEvent.ts';

const questions = Array.from({ length: 60 }, (_, index) => `q${index}`);
const classOf = (easyCount: number) =>
  new Map(
    questions.map((id, index): [string, DifficultyClass] => [id, index < easyCount ? 'easy' : 'normal']),
  );

/** Right on the first `right` questions of each class of thirty. */
function arm(name: string, right: number, tokens: number): Arm {
  return {
    name,
    profile: { strategy: 'chainOfThought', temperature: 0, tokenShare: tokens / 1000, candidates: 1 },
    scores: questions.map((questionId, index) => ({
      questionId,
      accuracy: index % 30 < right ? 1 : 0,
      tokens,
      seconds: 1,
    })),
  };
}

const whole = arm('whole', 15, 300);
const choose = (arms: readonly Arm[], easyCount = 30) =>
  chooseProfiles(whole, [whole, ...arms], classOf(easyCount)).easy;

describe('what pays for a class', () => {
  it('is the cheapest way that is not less accurate', () => {
    const chosen = choose([arm('short', 15, 200), arm('shortest', 15, 100), arm('too short', 10, 50)]);
    expect(chosen).toMatchObject({ tokenShare: 0.1, measured: { arm: 'shortest', questions: 30 } });
    expect(chosen.measured?.tokenRatio.estimate).toBeCloseTo(1 / 3);
  });

  it('is the most accurate way where one is better beyond doubt, whatever it takes', () => {
    const chosen = choose([arm('many', 26, 2000), arm('short', 15, 100)]);
    expect(chosen.measured).toMatchObject({ arm: 'many' });
    expect(chosen.measured?.accuracyDifference.low).toBeGreaterThan(0);
  });

  it('is the whole budget where nothing was shown: dearer and no better, cheaper and worse, or on too few questions', () => {
    expect(choose([arm('dear', 15, 400)])).toEqual({ ...whole.profile, measured: null });
    expect(choose([arm('one less', 14, 100)])).toEqual({ ...whole.profile, measured: null });
    expect(choose([arm('short', 15, 100)], 19)).toEqual({ ...whole.profile, measured: null });
  });
});
