import { CodedError } from '../../protocol/codedError.ts';
import { difficultyClasses, type DifficultyClass, type DifficultySource } from '../../protocol/traceEvent.ts';
import type { FieldReader } from '../validation/fieldReader.ts';
import { judges, type Judge } from './difficultyEstimator.ts';

/**
 * How a model answers for a larger one: as its fast model, where the larger one judges the question, or in a route, where the
 * smaller one does.
 */
const standInRoles = ['fastModel', 'route'] as const;
export type StandInRole = (typeof standInRoles)[number];

/** A smaller or pruned model that was measured to answer one class of questions in the place of a larger one. */
export interface StandIn {
  /** Hash of the smaller model. */
  readonly model: string;
  readonly role: StandInRole;
  readonly difficulty: DifficultyClass;
  /** Whose class it is. */
  readonly judge: Judge;
}

/** Accuracy that a cheaper way may lose: as measured, and at the low end of the 95 % interval. */
export const mostLost = 0.02;
const mostLostAtWorst = 0.05;

/**
 * Whether a difference in accuracy is small enough for something that saves. Pure. What it saves is a matter of its own.
 */
export function losesLittle({ estimate, low }: { readonly estimate: number; readonly low: number }): boolean {
  return estimate >= -mostLost && low >= -mostLostAtWorst;
}

/**
 * Stand-ins of a model's row, by the smaller model's hash. Throws `parameter.invalid` for one without its figures, or whose
 * figures do not say that it pays.
 */
export function parseStandIns(fields: FieldReader | undefined): readonly StandIn[] {
  if (fields === undefined) return [];
  return fields.names().flatMap((model) => {
    const ofModel = fields.object(model);
    const role = ofModel.oneOf('role', standInRoles);
    const judge = ofModel.oneOf('judge', judges);
    const classes = ofModel.object('classes');
    return classes.names().map((name): StandIn => {
      const difficulty = difficultyClasses.find((known) => known === name);
      if (difficulty === undefined) throw refused(classes.at(name), 'is not a class of difficulty');
      const measured = classes.object(name);
      const difference = measured.object('accuracyDifference');
      measured.number('questions', { min: fewestQuestions, max: 1e9, whole: true });
      const timeRatio = measured.object('timeRatio').number('high', { min: 0, max: 1e3 });
      const accuracy = {
        estimate: difference.number('estimate', share),
        low: difference.number('low', share),
      };
      if (!losesLittle(accuracy) || timeRatio >= 1)
        throw refused(classes.at(name), 'was not measured to pay: it loses too much, or takes no less time');
      return { model, role, difficulty, judge };
    });
  });
}

const share = { min: -1, max: 1 };
/** What was measured on fewer questions shows nothing. */
export const fewestQuestions = 20;

function refused(member: string, why: string): CodedError {
  return new CodedError(
    'parameter.invalid',
    `${member} ${why}.`,
    'Leave the member out, or measure it again.',
  );
}

/**
 * Whether some model, or the one with this hash, may answer a question of a judged class. A class that an override names was
 * judged by nobody, so no stand-in has it. Pure.
 */
export function mayStandIn(
  standIns: readonly StandIn[],
  role: StandInRole,
  {
    difficulty,
    source,
    model,
  }: { readonly difficulty: DifficultyClass; readonly source: DifficultySource; readonly model?: string },
): boolean {
  return standIns.some(
    (one) =>
      one.role === role &&
      one.difficulty === difficulty &&
      one.judge === source &&
      (model === undefined || one.model === model),
  );
}
