import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type ClassProfile,
  type ClassProfiles,
  codeProfiles,
  defaultProfiles,
  parseTable,
  profilesFor,
  readAutoTable,
  shippedTable,
  standInsFor,
} from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import { mayStandIn } from '../../../../../sidecar/request/standIn.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const brief: ClassProfile = { strategy: 'chainOfThought', temperature: 0, tokenShare: 0.25, candidates: 1 };
const measured: ClassProfiles = { easy: brief, normal: { ...brief, tokenShare: 0.5 }, hard: brief };
/** As it is written, and as it is read. */
const written = { version: 1, models: { abc: measured } };
const table = { version: 1, models: { abc: { profiles: measured, standIns: [] } } };

describe('a table', () => {
  it('of the user may have a row for code, whatever the model', () => {
    expect(codeProfiles([{ ...table, code: measured }, shippedTable])).toBe(measured);
    expect(codeProfiles([table, shippedTable])).toBe(shippedTable.code);
    expect(codeProfiles([])).toBe(shippedTable.code);
    const direct: ClassProfile = { ...brief, strategy: 'direct', temperature: 0.6 };
    const code = { easy: direct, normal: direct, hard: direct };
    const read = parseTable({ version: 1, code, models: {} }, 'table');
    expect(codeProfiles([read])).toEqual(code);
    // A question about code is answered directly, so nothing else would run.
    const other = { ...code, hard: brief };
    expect(() => parseTable({ version: 1, code: other, models: {} }, 'table')).toThrow(
      'table.code.hard.strategy',
    );
  });

  it('of the user comes before the one that ships, model by model', () => {
    expect(profilesFor([table, shippedTable], 'abc', 'probe')).toBe(measured);
    expect(profilesFor([table, shippedTable], 'other', 'probe')).toBe(defaultProfiles);
    expect(profilesFor([{ ...table, default: measured }, shippedTable], 'other', 'probe')).toBe(measured);
    expect(profilesFor([], 'toString', 'probe')).toBe(defaultProfiles);
  });

  it('serves no other judge than the one whose classes were measured', () => {
    const models = { abc: { ...measured, judge: 'probe' } };
    const read = parseTable({ version: 1, models }, 'table');
    // Nothing but classes: the judge's name is no class.
    expect(profilesFor([read, shippedTable], 'abc', 'probe')).toEqual(measured);
    expect(profilesFor([read, shippedTable], 'abc', 'entropyRule')).toBe(defaultProfiles);
    const coin = { version: 1, models: { abc: { ...measured, judge: 'coin' } } };
    expect(() => parseTable(coin, 'table')).toThrow('table.models.abc.judge');
  });

  it('is read with what it knows, and says which member is wrong', () => {
    const noted = { ...measured, easy: { ...brief, measured: { questions: 40 } } };
    expect(parseTable({ version: 1, models: { abc: noted } }, 'table')).toEqual(table);
    const wrong = { ...measured, hard: { ...brief, tokenShare: 2 } };
    expect(() => parseTable({ version: 1, models: { abc: wrong } }, 'table')).toThrow(
      'table.models.abc.hard.tokenShare',
    );
    expect(() => parseTable({ version: 2, models: {} }, 'table')).toThrow('table.version');
  });

  it.each([
    ['auto', {}, 'table.models.abc.hard.strategy'],
    ['chainOfThought', { selector: 'majority' }, 'table.models.abc.hard.selector'],
    ['selfConsistency', { stepSearch: { maxSteps: 3 } }, 'table.models.abc.hard.stepSearch'],
    ['stepBeam', { stepSearch: { maxSteps: 0 } }, 'table.models.abc.hard.stepSearch.maxSteps'],
    ['stepBeam', { skipPreamble: true }, 'table.models.abc.hard.skipPreamble'],
    ['chainOfThought', { skipPreamble: 'yes' }, 'table.models.abc.hard.skipPreamble'],
    ['stepBeam', { selector: 'coin' }, 'table.models.abc.hard.selector'],
    [
      'direct',
      { earlyStopping: { trialConfidence: 2 } },
      'table.models.abc.hard.earlyStopping.trialConfidence',
    ],
  ])('that leads to %s with %o is refused, and the member named', (strategy, members, name) => {
    const models = { abc: { ...measured, hard: { ...brief, strategy, ...members } } };
    const read = () => parseTable({ version: 1, models }, 'table');
    expect(read).toThrow(expect.objectContaining({ code: 'parameter.invalid' }));
    expect(read).toThrow(name);
  });

  it('may lead to any strategy, with what only that takes', () => {
    const beam: ClassProfile = {
      ...brief,
      strategy: 'stepBeam',
      candidates: 2,
      selector: 'mostConfident',
      stepSearch: { maxSteps: 5 },
      earlyStopping: { steadyAnswers: true },
    };
    const vote: ClassProfile = { ...brief, strategy: 'selfConsistency', skipPreamble: true };
    const models = { abc: { ...measured, normal: vote, hard: beam } };
    expect(parseTable({ version: 1, models }, 'table').models['abc']?.profiles).toMatchObject({
      normal: vote,
      hard: beam,
    });
  });

  it('that is absent is none; one that is damaged is not used, and a note says so', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'autoTable.json');
    expect(await readAutoTable(file)).toEqual({ table: null, note: null });
    await writeFile(file, JSON.stringify(written).slice(0, 20));
    const damaged = await readAutoTable(file);
    expect(damaged.table).toBeNull();
    expect(damaged.note).toContain(file);
    await writeFile(file, JSON.stringify(written));
    expect(await readAutoTable(file)).toEqual({ table, note: null });
  });
});

describe('a stand-in for a model', () => {
  const figures = {
    questions: 100,
    accuracyDifference: { estimate: 0, low: -0.04, high: 0.04 },
    timeRatio: { estimate: 0.7, low: 0.6, high: 0.8 },
  };
  const reading = (standIns: object) =>
    parseTable({ version: 1, models: { large: { ...measured, standIns } } }, 'table');
  const small = { role: 'route', judge: 'probe', classes: { easy: figures } };

  it('is one where the figures say that it pays, for the judge and the classes that were measured', () => {
    const tables = [reading({ small }), shippedTable];
    const standIns = standInsFor(tables, 'large');
    expect(standIns).toEqual([{ model: 'small', role: 'route', judge: 'probe', difficulty: 'easy' }]);
    const easy = { difficulty: 'easy', source: 'probe' } as const;
    expect(mayStandIn(standIns, 'route', easy)).toBe(true);
    expect(mayStandIn(standIns, 'route', { ...easy, model: 'small' })).toBe(true);
    expect(mayStandIn(standIns, 'route', { ...easy, model: 'other' })).toBe(false);
    expect(mayStandIn(standIns, 'fastModel', easy)).toBe(false);
    expect(mayStandIn(standIns, 'route', { ...easy, difficulty: 'normal' })).toBe(false);
    expect(mayStandIn(standIns, 'route', { ...easy, source: 'entropyRule' })).toBe(false);
  });

  it('ships with no model', () => {
    for (const hash of Object.keys(shippedTable.models))
      expect(standInsFor([shippedTable], hash)).toEqual([]);
  });

  it.each([
    ['loses more than two points', { accuracyDifference: { estimate: -0.03, low: -0.04, high: 0 } }],
    ['may lose more than five', { accuracyDifference: { estimate: 0, low: -0.06, high: 0.06 } }],
    ['may take as long', { timeRatio: { estimate: 0.8, low: 0.6, high: 1 } }],
    ['was measured on a few questions', { questions: 19 }],
    ['has no figures', { accuracyDifference: undefined }],
  ])('that %s is refused, and the member named', (_name, changes) => {
    const wrong = { ...small, classes: { easy: { ...figures, ...changes } } };
    expect(() => reading({ small: wrong })).toThrow('table.models.large.standIns.small.classes.easy');
  });

  it('for a class that is none is refused', () => {
    const wrong = { ...small, classes: { trivial: figures } };
    expect(() => reading({ small: wrong })).toThrow('standIns.small.classes.trivial');
  });
});

it('auto does what the table says of the class', async () => {
  const outcome = await runScripted(() => ' It is 12.\nFinal answer: 12', {
    request: { strategy: 'auto', difficulty: 'normal', candidateCount: 4, maxThoughtTokens: 64 },
    dependencies: {
      tables: [
        {
          version: 1,
          default: {
            ...measured,
            normal: { ...brief, strategy: 'selfConsistency', candidates: 2, temperature: 0.7 },
          },
          models: {},
        },
      ],
    },
  });
  expect(outcome.state.difficulty).toMatchObject({ strategy: 'selfConsistency', temperature: 0.7 });
  expect(outcome.state.candidates).toHaveLength(2);
  expect(outcome.state.budget?.thoughtTokensPerCandidate).toBe(16);
});
