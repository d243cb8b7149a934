import { resampleCount } from '../bootstrap.ts';
import { hasExamples } from '../tasks/codeTask.ts';
import type { Control } from './accuracyFigures.ts';
import { programOf, type Question, type QuestionSet } from './questionSet.ts';
import { candidatesAtOnce } from './runAttempts.ts';

/** What a reader of the tables must know of how they came about. Pure. */
export function accuracyNotes(
  set: QuestionSet,
  questions: readonly Question[],
  controls: readonly Control[],
): readonly string[] {
  return [
    `${set.name} (${set.hash.slice(0, 12)}), ${questions.length} of ${set.questions.length} questions in this run, from ${questions[0]?.id ?? 'none'} on; rows say on how many they rest. Intervals cover 95 % of ${resampleCount} resamples of the questions; differences are taken question by question.`,
    `Questions run side by side, so that about ${candidatesAtOnce} candidates decode at once: latencies are those of a busy machine, and seconds are each answer's part of its time. Rows at temperature 0 run once whatever the seeds. Cut off are answers that ran into their own bound; a thought that is closed at its cap is followed by an answer.`,
    ...notesOnPrograms(questions),
    ...controls.map(({ adaptive, fixed }) =>
      fixed.length === 0
        ? `No fixed cap comes to fewer tokens than ${adaptive.key}.`
        : `Controls of ${adaptive.key}: ${fixed.map(({ key }) => key).join(', ')}. Caps are chosen to come to 0.85, 1 and 1.15 times its generated tokens; those that would cut nothing off are left out.`,
    ),
  ];
}

function notesOnPrograms(questions: readonly Question[]): readonly string[] {
  const programs = questions.flatMap((question) => programOf(question) ?? []);
  if (programs.length === 0) return [];
  const shown = programs.filter(hasExamples).length;
  return [
    `Programs are right where they pass the set's own tests, which nobody sees. Verified code tries the examples that a description shows as a Python session, which ${shown} of these ${programs.length} do; of the others it takes what runs. Tests are in no seconds.`,
  ];
}
