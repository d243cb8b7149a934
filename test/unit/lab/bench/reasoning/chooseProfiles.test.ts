import { describe, expect, it } from 'vitest';
import { type Arm, chooseProfiles } from '../../../../../lab/bench/reasoning/chooseProfiles.ts';
import type { DifficultyClass } from '../../../../../protocol/traceEvent.ts';
import { uniformAt } from '../../../../../sidecar/numeric/random.ts';

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `q${index}`);
const classOf = (count: number, easyCount = count) =>
  new Map(
    idsOf(count).map((id, index): [string, DifficultyClass] => [id, index < easyCount ? 'easy' : 'normal']),
  );

function armOf(name: string, tokens: number, rightOf: readonly boolean[]): Arm {
  return {
    name,
    profile: { strategy: 'chainOfThought', temperature: 0, tokenShare: tokens / 10_000, candidates: 1 },
    scores: rightOf.map((isRight, index) => ({
      questionId: `q${index}`,
      accuracy: isRight ? 1 : 0,
      tokens,
      seconds: 1,
    })),
  };
}

/** Right on the first `right` of every ten of sixty questions. */
const arm = (name: string, right: number, tokens: number): Arm =>
  armOf(
    name,
    tokens,
    idsOf(60).map((_id, index) => (index * 7) % 10 < right),
  );

const whole = arm('whole', 5, 300);
/** Right where the whole budget is, and on so many of the other thirty. */
const withMore = (more: number, tokens: number): Arm => {
  const places = whole.scores.flatMap(({ accuracy }, place) => (accuracy === 0 ? [place] : []));
  const gained = new Set(places.slice(0, more));
  return armOf(
    `${more} more`,
    tokens,
    whole.scores.map(({ accuracy }, place) => accuracy === 1 || gained.has(place)),
  );
};
const choose = (arms: readonly Arm[], count = 60) =>
  chooseProfiles(whole, [whole, ...arms], classOf(count)).easy;

describe('what pays for a class', () => {
  it('is the cheapest way that is not less accurate', () => {
    const chosen = choose([arm('short', 5, 200), arm('shortest', 5, 100), arm('too short', 3, 50)]);
    expect(chosen).toMatchObject({ tokenShare: 0.01, measured: { arm: 'shortest', questions: 60 } });
    expect(chosen.measured?.tokenRatio.estimate).toBeCloseTo(1 / 3);
  });

  it('is no cheaper way that is far less accurate than another cheap one, though it is no worse than the whole budget', () => {
    const chosen = choose([withMore(4, 200), arm('short', 5, 100)]);
    expect(chosen.measured).toMatchObject({ arm: '4 more' });
    const { estimate, low } = chosen.measured?.accuracyDifference ?? {};
    expect(estimate).toBeCloseTo(4 / 60);
    // Not better beyond doubt, so it is there for its tokens.
    expect(low).toBeGreaterThan(-0.05);
    expect(low).toBeLessThan(0);
  });

  it('is the most accurate way where one is better beyond doubt, whatever it takes', () => {
    const chosen = choose([arm('many', 8, 2000), arm('short', 5, 100)]);
    expect(chosen.measured).toMatchObject({ arm: 'many' });
    expect(chosen.measured?.accuracyDifference.low).toBeGreaterThan(0);
  });

  it('is no way that won four questions and lost none, which luck does one time in eight', () => {
    expect(choose([withMore(4, 2000)]).measured).toBeNull();
    expect(choose([withMore(7, 2000)]).measured).toMatchObject({ arm: '7 more' });
  });

  it('is no cheaper way on twenty questions, of which it lost none: it may still lose one in ten', () => {
    expect(choose([arm('short', 5, 100)], 20).measured).toBeNull();
    expect(choose([arm('short', 5, 100)], 60).measured).toMatchObject({ arm: 'short' });
  });

  it('is the whole budget where nothing was shown: dearer and no better, cheaper and worse, or on too few questions', () => {
    const kept = { ...whole.profile, measured: null };
    expect(choose([arm('dear', 5, 400)])).toEqual(kept);
    expect(choose([arm('one less in ten', 4, 100)])).toEqual(kept);
    expect(choose([arm('short', 5, 100)], 19)).toEqual(kept);
  });

  it('is decided on the questions that all ways have answered', () => {
    const short = arm('short', 5, 100);
    const onlyEasyOnes = {
      ...arm('asked less', 10, 50),
      scores: arm('asked less', 10, 50).scores.slice(0, 10),
    };
    expect(choose([short, onlyEasyOnes])).toEqual({ ...whole.profile, measured: null });
  });

  it('is what pays on all questions where its own are too few to say', () => {
    const { easy, normal, hard } = chooseProfiles(whole, [whole, arm('short', 5, 100)], classOf(60, 19));
    for (const { measured } of [easy, normal, hard]) expect(measured?.arm).toBe('short');
    expect([easy.measured?.questions, hard.measured?.questions]).toEqual([60, 60]);
  });

  it('is its own where something else pays for it than on all questions', () => {
    const isRight = idsOf(120).map((_id, index) => (index * 7) % 10 < 5);
    const base = armOf('whole', 300, isRight);
    const short = armOf('short', 200, isRight);
    // As good as the others on the first half, which is easy, and of no use on the second.
    const shortest = armOf(
      'shortest',
      50,
      isRight.map((right, index) => right && index < 60),
    );
    const { easy, normal } = chooseProfiles(base, [base, short, shortest], classOf(120, 60));
    expect(easy.measured).toMatchObject({ arm: 'shortest', baseline: 'short', questions: 60 });
    expect(normal.measured).toMatchObject({ arm: 'short', baseline: 'whole', questions: 120 });
  });
});

// Thousands of resamples, sixty times over.
describe('luck', { timeout: 60_000 }, () => {
  const repetitions = 60;
  /** A class of so many questions, and ways that are right on each by chance alone. */
  const draw = (seed: number, questions: number, accuracies: readonly number[], tokens: number) => {
    const rightOf = (stream: number, accuracy: number) =>
      idsOf(questions).map((_id, index) => uniformAt(seed, stream, index) < accuracy);
    const base = armOf('whole', 300, rightOf(0, 0.5));
    const arms = accuracies.map((accuracy, place) =>
      armOf(`arm ${place}`, tokens, rightOf(place + 1, accuracy)),
    );
    return chooseProfiles(base, [base, ...arms], classOf(questions)).easy.measured;
  };
  const shareChosen = (questions: number, accuracies: readonly number[], tokens: number) =>
    Array.from({ length: repetitions }, (_, seed) => draw(seed, questions, accuracies, tokens)).filter(
      (measured) => measured !== null,
    ).length / repetitions;
  const six = (accuracy: number) => Array.from({ length: 6 }, () => accuracy);

  it.each([30, 66])('of %d questions hardly ever lets one of six worse ways pass', (questions) => {
    expect(shareChosen(questions, six(0.42), 120)).toBeLessThan(0.1);
  });

  it('hardly ever makes one of twelve equal ways look better', () => {
    const accuracies = [...six(0.5), ...six(0.5)];
    expect(shareChosen(66, accuracies, 1500)).toBeLessThan(0.1);
  });
});
