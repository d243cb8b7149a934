import { difficultyClasses, type DifficultyClass } from '../../protocol/traceEvent.ts';
import type { ClassProfile, ClassProfiles } from '../../sidecar/difficulty/autoTable.ts';
import type { ContrastFigure } from '../figure.ts';
import { contrastScores, type QuestionScore } from './rowSummary.ts';

/** A way to answer that a class of difficulty may lead to, and how it did on each question. */
export interface Arm {
  readonly name: string;
  readonly profile: ClassProfile;
  readonly scores: readonly QuestionScore[];
}

/** A profile with what speaks for it; null where too few questions were of the class. */
export type ChosenProfile = ClassProfile & { readonly measured: Evidence | null };

export interface Evidence {
  readonly arm: string;
  readonly baseline: string;
  readonly questions: number;
  readonly accuracy: number;
  readonly accuracyDifference: ContrastFigure['accuracyDifference'];
  readonly tokenRatio: ContrastFigure['tokenRatio'];
}

/** Below, an interval that includes 0 says too little to give up what is known to work. */
const fewestQuestions = 20;
/** Points by which an arm may fall short where its interval cannot tell it from the baseline. */
const mostLost = 0.02;

/**
 * What pays for each class, on the questions that were judged to be of it: an arm that is right more often beyond
 * doubt, the most accurate one; else of those that are not less accurate and take fewer tokens, the one that takes
 * fewest; else the baseline. Pure.
 */
export function chooseProfiles(
  baseline: Arm,
  arms: readonly Arm[],
  classOf: ReadonlyMap<string, DifficultyClass>,
): ClassProfiles & Readonly<Record<DifficultyClass, ChosenProfile>> {
  const [easy, normal, hard] = difficultyClasses.map((difficulty) => {
    const ofClass = ({ scores }: Arm): readonly QuestionScore[] =>
      scores.filter(({ questionId }) => classOf.get(questionId) === difficulty);
    const compared = arms.flatMap((arm) => {
      const names = {
        name: difficulty,
        group: 'strategies',
        subjectName: arm.name,
        baselineName: baseline.name,
      } as const;
      const contrast = contrastScores(names, ofClass(arm), ofClass(baseline));
      return contrast === null || contrast.questions < fewestQuestions ? [] : [{ arm, contrast }];
    });
    const better = compared
      .filter(({ contrast }) => contrast.accuracyDifference.low > 0)
      .sort((a, b) => b.contrast.accuracy - a.contrast.accuracy);
    const cheaper = compared
      .filter(({ contrast }) => isNotWorse(contrast) && contrast.tokenRatio.high < 1)
      .sort((a, b) => a.contrast.tokenRatio.estimate - b.contrast.tokenRatio.estimate);
    const chosen = better[0] ?? cheaper[0];
    if (chosen === undefined) return { ...baseline.profile, measured: null };
    return { ...chosen.arm.profile, measured: evidenceOf(chosen.contrast) };
  });
  if (easy === undefined || normal === undefined || hard === undefined)
    throw new Error('There are three classes.');
  return { easy, normal, hard };
}

function isNotWorse({ accuracyDifference: { estimate, high } }: ContrastFigure): boolean {
  return high >= 0 && estimate >= -mostLost;
}

function evidenceOf(contrast: ContrastFigure): Evidence {
  const { subjectName, baselineName, questions, accuracy, accuracyDifference, tokenRatio } = contrast;
  return { arm: subjectName, baseline: baselineName, questions, accuracy, accuracyDifference, tokenRatio };
}
