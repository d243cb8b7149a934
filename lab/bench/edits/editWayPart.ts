import type { Answerer } from '../reasoning/answerAttempt.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { askEdit, promptRevision } from './askEdit.ts';
import type { EditAnswers } from './editAnswers.ts';
import type { EditCase } from './editCase.ts';
import type { JudgedEdit } from './editFigures.ts';
import { candidatesOf, editedBy, type EditWay } from './editWays.ts';
import { judgeEdit } from './judgeEdit.ts';

/** Edits, or candidates of an edit, that are written side by side, as one batch. */
export const writtenAtOnce = 4;

/**
 * Has the model make each edit in one way, where the raw file has none yet, and judges all. In the order of the cases.
 * Throws what asking and judging throw; what was answered until then is kept.
 */
export async function editWayPart(
  { note, signal }: Pick<SuiteContext, 'note' | 'signal'>,
  answerer: Answerer,
  {
    way,
    cases,
    answers,
  }: { readonly way: EditWay; readonly cases: readonly EditCase[]; readonly answers: EditAnswers },
): Promise<readonly JudgedEdit[]> {
  const judged = new Map<string, JudgedEdit>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let edit = waiting.shift(); edit !== undefined; edit = waiting.shift()) {
      const answer =
        answers.find(way.name, edit.id, promptRevision(way, edit)) ??
        (await answers.add(await askEdit(answerer, { way, edit }, signal)));
      const edited = editedBy(way, edit, answer.text);
      const verdict = await judgeEdit({ edit, answer: answer.text, edited }, signal);
      judged.set(edit.id, { edit, answer, verdict });
      const passed = [...judged.values()].filter((one) => one.verdict === 'passed').length;
      note(`  ${way.name} ${judged.size} of ${cases.length}, ${passed} passed; ${edit.id}: ${verdict}`);
    }
  };
  const editsAtOnce = Math.max(1, Math.floor(writtenAtOnce / candidatesOf(way)));
  await Promise.all(Array.from({ length: editsAtOnce }, work));
  return cases.flatMap(({ id }) => judged.get(id) ?? []);
}
