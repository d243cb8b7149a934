import { resampleCount } from '../../numeric/bootstrap.ts';
import { hasExamples } from '../tasks/codeTask.ts';
import type { Control } from './controls.ts';
import { aimedShares } from './fixedCaps.ts';
import { programOf, type Question, type QuestionSet } from './questionSet.ts';
import { candidatesAtOnce } from './runAttempts.ts';

/** What a reader of the tables must know of how they came about; `seen` are questions that the probe was fitted to. Pure. */
export function accuracyNotes(
  set: QuestionSet,
  questions: readonly Question[],
  { controls, seen }: { readonly controls: readonly Control[]; readonly seen: readonly Question[] },
): readonly string[] {
  return [
    `${set.name} (${set.hash.slice(0, 12)}), ${questions.length} of ${set.questions.length} questions in this run, from ${questions[0]?.id ?? 'none'} on; rows say on how many they rest. Shares of answers have the 95 % interval of Wilson; differences are taken question by question, with that of Bonett and Price; all other intervals cover 95 % of ${resampleCount} resamples of the questions.`,
    `Questions run side by side, so that about ${candidatesAtOnce} candidates decode at once: latencies are those of a busy machine, and seconds are each answer's part of its time. Rows at temperature 0 run once whatever the seeds. Cut off are answers that ran into their own bound; a thought that is closed at its cap is followed by an answer.`,
    ...notesOnPrograms(questions),
    ...controls.map(({ adaptive, capped }) =>
      capped.length === 0
        ? `There is no fixed cap beside ${adaptive.key}: none that would cut a thought off was answered.`
        : `Fixed caps beside ${adaptive.key}: ${capped.map(({ key }) => key).join(', ')}. Caps aim at ${aimedShares.join(', ')} times the tokens that ${adaptive.key} generated when the caps were chosen, judged by where thoughts without a cap would have been closed: at the first end of a sentence near the cap. The tables show the tokens that they took. Caps that would cut nothing off are left out; answers that earlier runs gave with a cap are in the tables, too.`,
    ),
    ...(seen.length === 0
      ? []
      : [
          `The probe was fitted to ${seen.length} of these questions and separates their classes better than those of others: the figures of adaptive rows and routing promise too much here.`,
        ]),
  ];
}

function notesOnPrograms(questions: readonly Question[]): readonly string[] {
  const programs = questions.flatMap((question) => programOf(question) ?? []);
  if (programs.length === 0) return [];
  const shown = programs.filter(hasExamples).length;
  return [
    `Programs are right where they pass the set's own tests, which nobody sees. Verified code and direct best of N try the examples that a description shows, as a Python session or as a call with its value, which ${shown} of these ${programs.length} do; the others have no test, and the programs vote. Tests are in no seconds.`,
  ];
}
