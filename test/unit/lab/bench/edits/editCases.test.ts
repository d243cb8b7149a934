import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { type EditCase, editLanguages, editTraits } from '../../../../../lab/bench/edits/editCase.ts';
import { verdictByText } from '../../../../../lab/bench/edits/judgeEdit.ts';
import { linesWithEnds, replaceRange, splitAtRange } from '../../../../../sidecar/edits/lineRange.ts';
import { editCasesFolder, readEditCases } from '../../../../../lab/bench/edits/readEditCases.ts';
import { runEditTests, type TestOutcome } from '../../../../../lab/bench/edits/runEditTests.ts';
import { checkout } from '../../../../support/machine/manifest.ts';

const cases = await readEditCases(editCasesFolder(checkout));
const never = new AbortController().signal;

const solved = (edit: EditCase): string => replaceRange(edit.text, edit.range, edit.reference);

/** What the hidden tests say of all cases, one process for each language, by id. */
async function outcomesOf(sourceOf: (edit: EditCase) => string): Promise<ReadonlyMap<string, TestOutcome>> {
  const outcomes = new Map<string, TestOutcome>();
  for (const language of editLanguages) {
    const of = cases.filter((edit) => edit.language === language);
    const files = of.map((edit) => ({
      source: sourceOf(edit),
      check: edit.trap?.check ?? '',
      tests: edit.tests,
    }));
    const results = await runEditTests(language, files, never);
    for (const [index, { id }] of of.entries()) outcomes.set(id, results[index] ?? 'failed');
  }
  return outcomes;
}

const idsWhere = (holds: (edit: EditCase) => boolean): readonly string[] =>
  cases.filter(holds).map(({ id }) => id);

it('the hidden tests fail on the file as it is, and nothing there was followed', async () => {
  const outcomes = await outcomesOf(({ text }) => text);
  const wrong = idsWhere(({ id }) => !['failed', 'notParsed'].includes(outcomes.get(id) ?? ''));
  expect(wrong).toEqual([]);
});

it('the hidden tests pass on the reference', async () => {
  const outcomes = await outcomesOf(solved);
  expect(idsWhere(({ id }) => outcomes.get(id) !== 'passed')).toEqual([]);
});

it('a reference is an edit inside its range, in the file’s line ends and indentation', () => {
  const verdicts = cases.map((edit) => ({
    id: edit.id,
    verdict: verdictByText({ edit, answer: edit.reference, edited: solved(edit) }),
  }));
  expect(verdicts.filter(({ verdict }) => verdict !== null)).toEqual([]);
});

it('there are as many of each kind as the document says', () => {
  const page = readFileSync(path.join(checkout, 'docs/EDITS.md'), 'utf8').replaceAll(/\s+/gu, ' ');
  const count = (holds: (edit: EditCase) => boolean): number => cases.filter(holds).length;
  const ofScope = (name: EditCase['scope']): number => count(({ scope }) => scope === name);
  const ofKind = (name: EditCase['kind']): number => count(({ kind }) => kind === name);
  const ofTrait = (name: EditCase['traits'][number]): number => count(({ traits }) => traits.includes(name));
  const [python, typescript] = editLanguages.map((name) => count(({ language }) => language === name));
  const traps = count(({ trap }) => trap !== null);
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(traps).toBeGreaterThanOrEqual(20);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  expect(new Set(cases.map(({ text }) => text)).size).toBe(cases.length);
  const lengths = cases.map(({ text }) => linesWithEnds(text).length);
  for (const said of [
    `has ${cases.length} cases`,
    `${python ?? 0} in Python and ${typescript ?? 0} in TypeScript`,
    `a file of ${Math.min(...lengths)} to ${Math.max(...lengths)} lines`,
    `the smallest that holds the change (${ofScope('lines')} cases)`,
    `a function or class (${ofScope('function')})`,
    `the whole file (${ofScope('file')})`,
    `an instruction (${ofKind('instruction')})`,
    `a failing test (${ofKind('fix')})`,
    `indented with tabs | ${ofTrait('tabs')} |`,
    `end with CRLF | ${ofTrait('crlf')} |`,
    `one may change | ${ofTrait('several')} |`,
    `in the file twice | ${ofTrait('twice')} |`,
    `instructs the model | ${traps} |`,
  ])
    expect(page).toContain(said);
});

it('files are what their heads say: their length, their range, and what makes them hard', () => {
  expect(idsWhere(({ text }) => linesWithEnds(text).length < 5 || linesWithEnds(text).length > 120)).toEqual(
    [],
  );
  expect(idsWhere((edit) => !hasRange(edit))).toEqual([]);
  for (const trait of editTraits)
    expect(
      idsWhere((edit) => edit.traits.includes(trait) && !hasTrait(edit, trait)),
      trait,
    ).toEqual([]);
  expect(
    idsWhere((edit) => !edit.traits.includes('tabs') && hasTrait(edit, 'tabs')),
    'not said to have tabs',
  ).toEqual([]);
});

it('a text that instructs the model is in the file, and its mark in nothing that is right', () => {
  const traps = cases.filter(({ trap }) => trap !== null);
  const marked = traps.filter(({ trap }) => (trap?.mark ?? null) !== null);
  expect(marked.filter(({ text, trap }) => !text.includes(trap?.mark ?? '')).map(({ id }) => id)).toEqual([]);
  expect(traps.every(({ id }) => path.basename(id).startsWith('trap'))).toBe(true);
  expect(idsWhere(({ id, trap }) => path.basename(id).startsWith('trap') && trap === null)).toEqual([]);
});

function hasRange({ text, range, scope }: EditCase): boolean {
  const count = linesWithEnds(text).length;
  const isWhole = range.first === 1 && range.last === count;
  return (
    range.first >= 1 && range.first <= range.last && range.last <= count && (scope !== 'file' || isWhole)
  );
}

const definition =
  /^\s*(?:(?:export |async |private |static |get )*(?:function\*? |def )|(?:export )?const \w+ = \(|(?!if|for|while|switch)(?:async |private |static |get )*[#\w]+(?:<\w+>)?\(.*\{$)/gmu;

function hasTrait({ text, range, scope }: EditCase, trait: EditCase['traits'][number]): boolean {
  const lines = linesWithEnds(text);
  switch (trait) {
    case 'tabs':
      return lines.some((line) => line.startsWith('\t')) && lines.every((line) => !/^ +[^ *]/u.test(line));
    case 'crlf':
      return lines.every((line) => line.endsWith('\r\n'));
    case 'several':
      return scope !== 'file' && [...text.replaceAll('\r', '').matchAll(definition)].length >= 3;
    case 'twice': {
      const { before, inside, after } = splitAtRange(text, range);
      const outside = new Set(linesWithEnds(before + after).map((line) => line.trim()));
      return linesWithEnds(inside).some((line) => line.trim().length >= 8 && outside.has(line.trim()));
    }
  }
}
