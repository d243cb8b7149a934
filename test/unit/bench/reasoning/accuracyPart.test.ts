import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { accuracyPart } from '../../../../bench/reasoning/accuracyPart.ts';
import type { Question } from '../../../../bench/reasoning/questionSet.ts';
import { parseStrategyRow } from '../../../../bench/reasoning/strategyRow.ts';
import { questionOf } from '../../../../bench/tasks/codeTask.ts';
import { UsageError } from '../../../../sidecar/cli/command.ts';
import { shippedTable, type ClassProfile } from '../../../../sidecar/difficulty/autoTable.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/difficulty/entropyRule.ts';
import type { Script } from '../../../../sidecar/engine/scripted/script.ts';
import { scriptedModel } from '../../../support/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

/** Thinks for 200 tokens of a sentence each, and answers when asked. */
const script: Script = ({ text }) =>
  text.endsWith('Final answer:') ? ' 12\n' : `${' So.'.repeat(200)}\nFinal answer:`;

/** A thought within a quarter of its tokens, of which the last quarter looks for the end of a sentence. */
const brief: ClassProfile = { strategy: 'chainOfThought', temperature: 0, tokenShare: 0.25, candidates: 1 };

async function answering(script: Script) {
  const estimator = entropyRule(uncalibratedThresholds);
  return { model: await scriptedModel(script), estimator, codeParser: null };
}

function optionsFor(rows: readonly string[], rawFolder: string) {
  return {
    setName: 'cats',
    rows: rows.map(parseStrategyRow),
    against: parseStrategyRow('chainOfThought'),
    seeds: 1,
    limit: 3,
    from: 0,
    tableFile: null,
    rawFolder,
    adapter: null,
    routeTo: null,
    probeFolders: [],
  };
}

/** Baselines that a row of `auto` is compared with, where every class leads to this. */
async function controlsWith(profile: ClassProfile): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const table = { version: 1, default: { easy: profile, normal: profile, hard: profile }, models: {} };
  const questions = ['a', 'b', 'c'].map((id, index) => {
    return { id, index, question: `How many legs have ${id} cats?`, hash: id, expected: '12' };
  });
  const { figures } = await accuracyPart(
    { note: () => undefined, signal: new AbortController().signal },
    { ...(await answering(script)), tables: [table] },
    optionsFor(['auto:1'], folder.path),
    { name: 'cats', hash: '0'.repeat(64), questions },
  );
  return figures.flatMap((figure) =>
    figure.type === 'contrast' && figure.subjectName === 'auto:1' ? [figure.baselineName] : [],
  );
}

it('beside an adaptive row stand the same without difficulty and fixed caps at about its cost', async () => {
  const caps = ['chainOfThought:cap=96', 'chainOfThought:cap=104', 'chainOfThought:cap=120'];
  expect(await controlsWith(brief)).toEqual(['chainOfThought', ...caps]);
});

it('beside one whose classes all skip the preamble, those that skip it, too', async () => {
  const controls = await controlsWith({ ...brief, skipPreamble: true });
  expect(controls).toContain('chainOfThought');
  expect(controls).toContain('chainOfThought:skipPreamble=on');
  expect(controls).toContainEqual(expect.stringMatching(/^chainOfThought:cap=1\d\d$/));
  expect(controls).toContainEqual(expect.stringMatching(/^chainOfThought:cap=1\d\d:skipPreamble=on$/));
});

it('programs are judged by their tests, and the surest way to one that passes is to try the examples', async () => {
  await using folder = await temporaryFolder();
  const task = {
    prompt: 'def twice(n):\n    """ n times two.\n    >>> twice(4)\n    8\n    """\n',
    entryPoint: 'twice',
    test: 'def check(twice):\n    assert twice(5) == 10\n',
  };
  // Line by line, as an answer is generated while its block is open.
  const writing: Script = ({ sequence, call }) =>
    [
      'So.\nFinal answer:',
      ' ```python\n',
      'def twice(n):\n',
      `    return n ${sequence % 3 === 2 ? '*' : '+'} 2\n`,
      '```\n',
    ][call] ?? '';
  const rows = ['selfConsistency:3:consensus=off', 'selfConsistency:3:consensus=off:selector=verifiedCode'];
  const { figures } = await accuracyPart(
    { note: () => undefined, signal: new AbortController().signal },
    { ...(await answering(writing)), tables: [shippedTable] },
    { ...optionsFor(rows, folder.path), against: parseStrategyRow(rows[0] ?? '') },
    {
      name: 'code',
      hash: '0'.repeat(64),
      questions: [{ id: 'a', index: 0, question: questionOf(task), hash: 'a', expected: task }],
    },
  );
  const accuracies = figures.flatMap((figure) =>
    figure.type === 'strategy' ? [[figure.name, figure.accuracy.estimate]] : [],
  );
  expect(accuracies).toEqual([
    [rows[0], 0],
    [rows[1], 1],
  ]);
});

it('what no program can be tested with is refused before anything is asked', async () => {
  await using folder = await temporaryFolder();
  const ask = (rows: readonly string[], change: object, questions: readonly Question[]) =>
    answering(script).then((answerer) =>
      accuracyPart(
        { note: () => undefined, signal: new AbortController().signal },
        { ...answerer, tables: [shippedTable] },
        { ...optionsFor(rows, folder.path), ...change },
        { name: 'cats', hash: '0'.repeat(64), questions },
      ),
    );
  const answered = { id: 'a', index: 0, question: '?', hash: 'a', expected: '12' };
  const coded = { ...answered, expected: { prompt: '', entryPoint: 'f', test: '' } };
  await expect(ask(['selfConsistency:2:selector=verifiedCode'], {}, [answered])).rejects.toThrow(UsageError);
  await expect(ask(['direct'], { tableFile: 'table.json' }, [coded])).rejects.toThrow(UsageError);
  await expect(ask(['auto:1'], {}, [coded])).rejects.toThrow(UsageError);
  expect(
    await readFile(path.join(folder.path, (await readdir(folder.path))[0] ?? ''), 'utf8').catch(() => ''),
  ).toBe('');
});
