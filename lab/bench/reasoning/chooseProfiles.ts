import { type DifficultyClass, difficultyClasses } from '../../../protocol/traceEvent.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import type { ClassProfile, ClassProfiles } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { fewestQuestions, losesLittle, mostLost } from '../../../sidecar/request/losesLittle.ts';
import type { ContrastFigure } from '../figure.ts';
import { contrastScores, type QuestionScore } from './rowSummary.ts';

/** A way to answer that a class of difficulty may lead to, and how it did on each question. */
export interface Arm {
  readonly name: string;
  readonly profile: ClassProfile;
  readonly scores: readonly QuestionScore[];
}

/** A profile with what speaks for it; null where nothing was shown to pay. */
export type ChosenProfile = ClassProfile & { readonly measured: Evidence | null };

/** Result of the choice on questions that had no part in it. */
export interface Evidence {
  readonly arm: string;
  readonly baseline: string;
  readonly questions: number;
  readonly accuracy: number;
  readonly accuracyDifference: ContrastFigure['accuracyDifference'];
  readonly tokenRatio: ContrastFigure['tokenRatio'];
}

/** Parts of a class's questions, each judged by what was chosen on the others. */
const folds = 10;

/**
 * What pays for each class, on the questions that all arms have answered: first what pays on all of them, which have more to
 * say than a third of them, then for each class what pays better than that on its own. Pure.
 */
export function chooseProfiles(
  baseline: Arm,
  arms: readonly Arm[],
  classOf: ReadonlyMap<string, DifficultyClass>,
): ClassProfiles & Readonly<Record<DifficultyClass, ChosenProfile>> {
  const all = [baseline, ...arms.filter((arm) => arm !== baseline)].map(candidateOf);
  const [base] = all;
  if (base === undefined) throw new Error('There is a baseline.');
  const ids = [...classOf.keys()].filter((id) => all.every(({ scoreOf }) => scoreOf.has(id)));
  const general = choose(ids, base, all) ?? { candidate: base, measured: null };
  const [easy, normal, hard] = difficultyClasses.map((difficulty): ChosenProfile => {
    const ofClass = ids.filter((id) => classOf.get(id) === difficulty);
    const { candidate, measured } = choose(ofClass, general.candidate, all) ?? general;
    return { ...candidate.arm.profile, measured };
  });
  if (easy === undefined || normal === undefined || hard === undefined)
    throw new Error('There are three classes.');
  return { easy, normal, hard };
}

/**
 * Whoever takes the best of many arms on few questions takes luck for skill, so the choice is made ten times, each time
 * without a tenth of the questions, and what it comes to on those it had not seen decides whether it counts: the most
 * accurate arm where that is right more often than the base beyond doubt; else, of those that take fewer tokens, the cheapest
 * that is about as accurate as the best of them, where it is not less accurate than the base. Null where neither is shown.
 */
function choose(
  ids: readonly string[],
  base: Candidate,
  arms: readonly Candidate[],
): { readonly candidate: Candidate; readonly measured: Evidence } | null {
  if (ids.length < fewestQuestions) return null;
  for (const { pick, isShown } of rules) {
    const evidence = evidenceFor(ids, { base, arms, pick });
    if (evidence === null || !isShown(evidence)) continue;
    const candidate = pick(ids, base, arms);
    return { candidate, measured: { ...evidence, arm: candidate.arm.name } };
  }
  return null;
}

interface Candidate {
  readonly arm: Arm;
  readonly scoreOf: ReadonlyMap<string, QuestionScore>;
}

function candidateOf(arm: Arm): Candidate {
  return { arm, scoreOf: new Map(arm.scores.map((score) => [score.questionId, score])) };
}

type Pick = (ids: readonly string[], base: Candidate, arms: readonly Candidate[]) => Candidate;

const rules: readonly {
  readonly pick: Pick;
  readonly isShown: (evidence: Omit<Evidence, 'arm'>) => boolean;
}[] = [
  {
    pick: (ids, base, arms) => least(arms, (arm) => -meanOf(arm, ids, 'accuracy')) ?? base,
    isShown: ({ accuracyDifference }) => accuracyDifference.low > 0,
  },
  {
    pick: (ids, base, arms) => {
      const most = meanOf(base, ids, 'tokens');
      const cheaper = arms.filter((arm) => arm === base || meanOf(arm, ids, 'tokens') < most);
      // Within reach of the best of them, not of the base: what is no worse than the base may be far below another.
      const enough = Math.max(...cheaper.map((arm) => meanOf(arm, ids, 'accuracy'))) - mostLost;
      const good = cheaper.filter((arm) => meanOf(arm, ids, 'accuracy') >= enough);
      return least(good, (arm) => meanOf(arm, ids, 'tokens')) ?? base;
    },
    isShown: ({ accuracyDifference, tokenRatio }) => losesLittle(accuracyDifference) && tokenRatio.high < 1,
  },
];

/** Result of a rule where each question is answered by what it picks without that question's fold. */
function evidenceFor(
  ids: readonly string[],
  {
    base,
    arms,
    pick,
  }: { readonly base: Candidate; readonly arms: readonly Candidate[]; readonly pick: Pick },
): Omit<Evidence, 'arm'> | null {
  const picked = Array.from({ length: folds }, (_, fold) =>
    pick(
      ids.filter((_id, place) => place % folds !== fold),
      base,
      arms,
    ),
  );
  const scores = (candidates: readonly Candidate[]): readonly QuestionScore[] =>
    ids.flatMap((id, place) => candidates[place % candidates.length]?.scoreOf.get(id) ?? []);
  const contrast = contrastScores(
    { name: 'class', group: 'strategies', subjectName: 'picked', baselineName: base.arm.name },
    scores(picked),
    scores([base]),
  );
  if (contrast === null) return null;
  const { questions, accuracy, accuracyDifference, tokenRatio } = contrast;
  return { baseline: base.arm.name, questions, accuracy, accuracyDifference, tokenRatio };
}

function meanOf({ scoreOf }: Candidate, ids: readonly string[], what: 'accuracy' | 'tokens'): number {
  return mean(ids.map((id) => scoreOf.get(id)?.[what] ?? NaN));
}

/** The one with the least value, the first of equals. */
function least(
  candidates: readonly Candidate[],
  valueOf: (candidate: Candidate) => number,
): Candidate | undefined {
  const values = candidates.map((candidate) => ({ candidate, value: valueOf(candidate) }));
  return values.reduce<(typeof values)[number] | undefined>(
    (best, next) => (best === undefined || next.value < best.value ? next : best),
    undefined,
  )?.candidate;
}
