import { expect, it } from 'vitest';
import { EditAnswers } from '../../../../../lab/bench/edits/editAnswers.ts';
import { type EditCase, parseEditCase } from '../../../../../lab/bench/edits/editCase.ts';
import { contrastNote, editFigures } from '../../../../../lab/bench/edits/editFigures.ts';
import { editWayPart } from '../../../../../lab/bench/edits/editWayPart.ts';
import { editWays } from '../../../../../lab/bench/edits/editWays.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { shippedTable } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const signal = new AbortController().signal;

/** A file with a number that should be another one. */
const caseOf = (wanted: number): EditCase =>
  parseEditCase(
    `python/number${wanted}`,
    [
      '---\nkind: instruction\npath: number.py\nscope: lines\nrange: 2-2\n---\n',
      `Make it ${wanted}.\n`,
      '## File\n\n```python\n# A number.\nnumber = 1\n```\n',
      `## Reference\n\n\`\`\`python\nnumber = ${wanted}\n\`\`\`\n`,
      `## Tests\n\n\`\`\`python\nassert number == ${wanted}\n\`\`\`\n`,
    ].join('\n'),
  );

/** Writes 7, whatever is asked. */
const script: Script = () => 'Done:\n\n```python\nnumber = 7\n```\n';

it('edits are asked for once, judged, and counted with their intervals', async () => {
  await using folder = await temporaryFolder();
  const model = await scriptedModel(script);
  const answerer = {
    model,
    estimator: entropyRule(uncalibratedThresholds),
    tables: [shippedTable],
    codeParser: null,
  };
  const cases = [caseOf(7), caseOf(8)];
  const notes: string[] = [];
  const run = async (name: string, edits = cases) => {
    const answers = await EditAnswers.open(folder.path, model.info.identity);
    const way = editWays.find((one) => one.name === name);
    if (way === undefined) throw new Error(`There is no way ${name}.`);
    const context = { note: (line: string) => notes.push(line), signal };
    return editWayPart(context, answerer, { way, cases: edits, answers });
  };

  const byRange = await run('range');
  expect(byRange.map(({ verdict }) => verdict)).toEqual(['passed', 'failedTests']);
  expect(notes.at(-1)).toContain('range 2 of 2, 1 passed');
  const whole = await run('wholeFile');
  expect(whole.map(({ verdict }) => verdict)).toEqual(['outsideRange', 'outsideRange']);
  expect(editFigures('range', byRange)[0]).toMatchObject({
    name: 'edits, range: passed',
    value: 0.5,
    basis: '1 of 2; 95 % 0.09 to 0.91',
  });
  expect(contrastNote({ name: 'range', judged: byRange }, { name: 'wholeFile', judged: whole })).toEqual([
    expect.stringContaining('range less wholeFile, share passed of the same 2 cases: +0.50') as string,
  ]);
  const best = await run('rangeBestOf4');
  expect(best.map(({ verdict }) => verdict)).toEqual(['passed', 'failedTests']);
  const tokensOf = (edits: typeof best) => edits.map(({ answer }) => answer.generatedTokens);
  expect(tokensOf(best)).toEqual(tokensOf(byRange).map((tokens) => 4 * tokens));

  // Answers of the raw file are judged anew, and the model is not asked.
  await model.dispose();
  expect((await run('range')).map(({ verdict }) => verdict)).toEqual(['passed', 'failedTests']);
  await expect(run('range', [caseOf(9)])).rejects.toThrow();
});
