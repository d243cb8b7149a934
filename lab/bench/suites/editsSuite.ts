import path from 'node:path';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { shippedTable } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { loadEstimator } from '../../../sidecar/reasoning/difficulty/loadEstimator.ts';
import { grammarParser } from '../../../sidecar/verify/codeParser.ts';
import { cellsOfEdit } from '../edits/askEdit.ts';
import { EditAnswers } from '../edits/editAnswers.ts';
import { contrastNote, editFigures, type JudgedEdit } from '../edits/editFigures.ts';
import { editWayPart, writtenAtOnce } from '../edits/editWayPart.ts';
import { editWays, rangeBestOf4 } from '../edits/editWays.ts';
import { editCasesFolder, readEditCases } from '../edits/readEditCases.ts';
import type { Answerer } from '../reasoning/answerAttempt.ts';
import { type Suite, withModel } from './suite.ts';

/** Edits of small files by instruction or diagnostic, each way to edit judged by hidden tests. */
export const editsSuite: Suite = {
  name: 'edits',
  summary: 'Edits of Python and TypeScript files by ways to edit, judged by hidden tests',
  parts: editWays.map(({ name }) => name),
  // It writes four answers for each case.
  partsByName: [rangeBestOf4.name],
  // One answer of each case: it is greedy, or chosen among several.
  rounds: 1,
  minutesPerRound: 22,
  run: async (context) => {
    const { edits, includes, bundleFolder, note } = context;
    const all = await readEditCases(editCasesFolder(path.dirname(bundleFolder)));
    const cases = all.slice(edits.from, edits.from + edits.limit);
    const options = { contextTokens: writtenAtOnce * cellsOfEdit, maxSequences: writtenAtOnce };
    return withModel(context, options, async (model) => {
      // Nothing is judged: the answer is direct. The rule needs no file.
      const { estimator } = await loadEstimator([], model.info);
      const codeParser = grammarParser(path.join(bundleFolder, 'syntax'), { clock: systemClock });
      const answerer: Answerer = { model, estimator, tables: [shippedTable], codeParser };
      const answers = await EditAnswers.open(edits.rawFolder, model.info.identity);
      note(`  Answers are kept in ${answers.path}`);
      const rows: { readonly name: string; readonly judged: readonly JudgedEdit[] }[] = [];
      for (const way of editWays.filter(({ name }) => includes(name)))
        rows.push({
          name: way.name,
          judged: await editWayPart(context, answerer, { way, cases, answers }),
        });
      const pairs = rows.flatMap((row, index) => rows.slice(0, index).map((other) => [row, other] as const));
      return {
        figures: rows.flatMap(({ name, judged }) => editFigures(name, judged)),
        setup: { cases: cases.length },
        notes: [
          `${cases.length} of ${all.length} cases. Intervals of shares are Wilson’s, of means over resampled cases.`,
          ...pairs.flatMap(([row, other]) => contrastNote(row, other)),
        ],
        backend: model.info.backend,
      };
    });
  },
};
