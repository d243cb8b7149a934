import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { StrategyFigure } from '../../../../../lab/bench/figure.ts';
import { accuracyPart } from '../../../../../lab/bench/reasoning/accuracyPart.ts';
import type { Question } from '../../../../../lab/bench/reasoning/questionSet.ts';
import { parseStrategyRow } from '../../../../../lab/bench/reasoning/strategyRow.ts';
import { questionOf } from '../../../../../lab/bench/tasks/codeTask.ts';
import { encodeProbe } from '../../../../../lab/calibrate/encodeProbe.ts';
import { initialNetwork } from '../../../../../lab/calibrate/probeNetwork.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { type ClassProfile, shippedTable } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import {
  probeMetadataKeys,
  probePath,
  questionMark,
} from '../../../../../sidecar/reasoning/difficulty/probe.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

/** Thinks for 200 tokens of a sentence each, and answers when asked. */
const script: Script = ({ text }) =>
  text.endsWith('Final answer:') ? ' 12\n' : `${' So.'.repeat(200)}\nFinal answer:`;

/** A thought within a quarter of its tokens, of which the last quarter looks for the end of a sentence. */
const brief: ClassProfile = { strategy: 'chainOfThought', temperature: 0, tokenShare: 0.25, candidates: 1 };

async function answering(script: Script) {
  const estimator = entropyRule(uncalibratedThresholds);
  return { model: await scriptedModel(script, { local: { hiddenSize: 8 } }), estimator, codeParser: null };
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

/** What a report says of these rows, where every class leads to the profile. */
async function reported(
  rows: readonly string[],
  {
    rawFolder,
    profile = brief,
    count = 3,
    change = {},
  }: {
    readonly rawFolder: string;
    readonly profile?: ClassProfile;
    readonly count?: number;
    readonly change?: object;
  },
) {
  const table = { version: 1, default: { easy: profile, normal: profile, hard: profile }, models: {} };
  const questions = Array.from({ length: count }, (_, index) => {
    const id = `q${index}`;
    return { id, index, question: `How many legs have ${id} cats?`, hash: id, expected: '12' };
  });
  const { figures, notes } = await accuracyPart(
    { note: () => undefined, signal: new AbortController().signal },
    { ...(await answering(script)), tables: [table] },
    { ...optionsFor(rows, rawFolder), limit: count, ...change },
    { name: 'cats', hash: '0'.repeat(64), questions },
  );
  const strategies = figures.filter((figure) => figure.type === 'strategy');
  const ofKind = (kind: StrategyFigure['kind']) => strategies.filter((figure) => figure.kind === kind);
  /** What the row of `auto` is compared with. */
  const controls = figures.flatMap((figure) =>
    figure.type === 'contrast' && figure.subjectName === 'auto:1' ? [figure.baselineName] : [],
  );
  return { strategies, ofKind, controls, notes };
}

/** As many questions as a later report needs to show a row again. */
const slow = { timeout: 30_000 };

const namesOf = (figures: readonly StrategyFigure[]) => figures.map(({ name }) => name);

it('beside an adaptive row stand the same without difficulty and fixed caps at about its cost', async () => {
  await using folder = await temporaryFolder();
  const { ofKind, controls } = await reported(['auto:1'], { rawFolder: folder.path });
  const [adaptive] = ofKind('adaptive');
  const caps = ofKind('fixedCap');
  expect(controls).toEqual(['chainOfThought', ...namesOf(caps)]);
  const costs = caps.map(
    ({ generatedTokens }) => generatedTokens.estimate / (adaptive?.generatedTokens.estimate ?? NaN),
  );
  expect(costs).toHaveLength(3);
  for (const [place, aim] of [0.85, 1, 1.15].entries())
    expect(Math.abs((costs[place] ?? NaN) - aim)).toBeLessThan(0.03);
});

it(
  'beside an adaptive row of an earlier run stand the fixed caps that were answered, and no more are asked for',
  slow,
  async () => {
    await using folder = await temporaryFolder();
    const rawFolder = folder.path;
    const before = await reported(['auto:1', 'chainOfThought:cap=64'], { rawFolder, count: 20 });
    const fixedCaps = namesOf(before.ofKind('fixedCap'));
    expect(fixedCaps).toHaveLength(3);
    const [file = ''] = await readdir(rawFolder);
    const answers = async () =>
      (await readFile(path.join(rawFolder, file), 'utf8')).trim().split('\n').length;
    const answered = await answers();

    const { ofKind, controls, notes } = await reported(['direct'], { rawFolder, count: 20 });
    expect(await answers()).toBe(answered + 20);
    expect(namesOf(ofKind('adaptive'))).toEqual(['auto:1']);
    expect(namesOf(ofKind('fixedCap')).sort()).toEqual([...fixedCaps, 'chainOfThought:cap=64'].sort());
    expect(controls).toEqual(expect.arrayContaining(fixedCaps));
    expect(notes.join('\n')).toContain('Fixed caps beside auto:1: ');
  },
);

it(
  'rows that were asked for by name are no controls, whatever their cap, and no later report drops them',
  slow,
  async () => {
    await using folder = await temporaryFolder();
    const rawFolder = folder.path;
    const before = await reported(['chainOfThought:cap=64'], { rawFolder, count: 20 });
    expect(namesOf(before.ofKind('plain'))).toEqual(['chainOfThought:cap=64']);
    const { ofKind } = await reported(['direct'], { rawFolder, count: 20 });
    expect(namesOf(ofKind('plain'))).toEqual(['chainOfThought:cap=64', 'direct']);
    // Beside an adaptive row, too, which is compared with them all the same.
    const rows = ['auto:1', 'chainOfThought:cap=64'];
    const both = await reported(rows, { rawFolder, count: 20 });
    expect(namesOf(both.ofKind('plain'))).toContain('chainOfThought:cap=64');
    expect(namesOf(both.ofKind('fixedCap'))).toHaveLength(3);
    expect(both.controls).toContain('chainOfThought:cap=64');
  },
);

it('a report with an adaptive row says how many of its questions the probe was fitted to', async () => {
  await using folder = await temporaryFolder();
  const { info } = await scriptedModel(script, { local: { hiddenSize: 8 } });
  const bytes = encodeProbe(
    initialNetwork(8, 4, 1),
    new Map([
      [probeMetadataKeys.modelHash, info.identity.hash],
      [probeMetadataKeys.hiddenSize, '8'],
      [probeMetadataKeys.trainingQuestions, ['q0', 'q2', 'elsewhere'].map(questionMark).join(' ')],
    ]),
  );
  await writeFile(probePath(folder.path, info), bytes);
  const change = { probeFolders: [folder.path] };
  const rawFolder = path.join(folder.path, 'raw');
  const adaptive = await reported(['auto:1'], { rawFolder, change });
  expect(adaptive.notes.join('\n')).toContain('The probe was fitted to 2 of these questions');
  const plain = await reported(['direct'], { rawFolder, change });
  expect(plain.notes.join('\n')).not.toContain('The probe');
  const unseen = await reported(['auto:1'], { rawFolder: path.join(folder.path, 'other') });
  expect(unseen.notes.join('\n')).not.toContain('The probe');
});

it('beside one whose classes all skip the preamble, those that skip it, too', async () => {
  await using folder = await temporaryFolder();
  const profile = { ...brief, skipPreamble: true };
  const { controls } = await reported(['auto:1'], { rawFolder: folder.path, profile });
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
