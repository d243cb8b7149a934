import { describe, expect, it } from 'vitest';
import {
  completedMention,
  contextChips,
  contextRows,
  editChips,
  editOffer,
  fileChip,
  namedFiles,
  rankedPaths,
  searchPattern,
  typedMention,
} from '../../../../extension/ask/contextChips.ts';

const place = { uri: 'file:///w/src/app.ts', path: 'src/app.ts', selectedLines: null, problemCount: 0 };
const nothing = { given: new Map<string, boolean>(), files: [] };

describe('contextChips', () => {
  it('offers the file and its problems, and has what is selected go along by itself', () => {
    expect(contextChips(null, nothing)).toEqual([]);
    expect(contextChips(place, nothing).map(({ label, isGiven }) => [label, isGiven])).toEqual([
      ['app.ts', false],
    ]);
    const selected = { ...place, selectedLines: { first: 3, last: 12 }, problemCount: 2 };
    expect(contextChips(selected, nothing).map(({ label, isGiven }) => [label, isGiven])).toEqual([
      ['app.ts:3-12', true],
      ['app.ts', false],
      ['2 problems', false],
    ]);
    const one = { ...place, selectedLines: { first: 3, last: 3 } };
    expect(contextChips(one, nothing)[0]?.label).toBe('app.ts:3');
  });

  it('keeps to what the user decided, until another part is selected', () => {
    const selected = { ...place, selectedLines: { first: 3, last: 12 } };
    const [selection, file] = contextChips(selected, nothing);
    const given = new Map([
      [selection?.id ?? '', false],
      [file?.id ?? '', true],
    ]);
    const states = (lines: { first: number; last: number }) =>
      contextChips({ ...place, selectedLines: lines }, { given, files: [] }).map(({ isGiven }) => isGiven);
    expect(states({ first: 3, last: 12 })).toEqual([false, true]);
    expect(states({ first: 3, last: 13 })).toEqual([true, true]);
  });

  it('has files that were named, and offers one of them no second time', () => {
    const chips = contextChips(place, { given: new Map(), files: ['src/app.ts', 'README.md'] });
    expect(chips.map(({ id, isGiven }) => [id, isGiven])).toEqual([
      ['#src/app.ts', true],
      ['#README.md', true],
    ]);
  });
});

describe('what goes along with an edit', () => {
  const { uri, path } = place;

  it('has what is reported about its lines by itself, and the file where the user says so', () => {
    const chips = (given: readonly (readonly [string, boolean])[], problemCount = 2) =>
      editChips({ uri, path, problemCount }, { given: new Map(given), files: ['README.md'] }).map(
        ({ label, isGiven }) => [label, isGiven],
      );
    const named = ['README.md', true];
    expect(chips([])).toEqual([['app.ts', false], ['2 problems', true], named]);
    expect(chips([[`problems ${uri}`, false]])).toEqual([['app.ts', false], ['2 problems', false], named]);
    expect(chips([[`file ${uri}`, true]], 0)).toEqual([['app.ts', true], named]);
  });

  it('is offered in the panel for what is selected, else for the function at the cursor, whose problems are not counted yet', () => {
    const labels = (selectedLines: { first: number; last: number } | null, problemCount: number) => {
      const offer = editOffer({ ...place, selectedLines, problemCount }, nothing);
      return [offer.place, ...offer.chips.map(({ label, isGiven }) => [label, isGiven])];
    };
    expect(labels({ first: 3, last: 12 }, 2)).toEqual([
      'lines 3 to 12 of app.ts',
      ['app.ts', false],
      ['2 problems', true],
    ]);
    expect(labels({ first: 3, last: 3 }, 0)).toEqual(['line 3 of app.ts', ['app.ts', false]]);
    expect(labels(null, 2)).toEqual([
      'the function at the cursor in app.ts',
      ['app.ts', false],
      ['problems', true],
    ]);
  });

  it('is listed below the row that sends, to be left out or added', () => {
    const chips = [...editChips({ uri, path, problemCount: 1 }, nothing), fileChip('src/b.ts', true)];
    const rows = contextRows({ label: 'Edit', description: 'Enter' }, chips, ['src/b.ts', 'src/c.ts']);
    expect(rows.map(({ label }) => label)).toEqual([
      'Edit',
      '$(add) app.ts',
      '$(check) 1 problem',
      '$(check) b.ts',
      '$(file) #src/c.ts',
    ]);
    expect(rows.map(({ type }) => type)).toEqual(['send', 'chip', 'chip', 'chip', 'file']);
    expect(rows[1]?.description).toBe('Add it. The whole of src/app.ts could go along.');
    expect(rows[2]?.description).toBe(
      'Leave it out. What is reported about these lines of src/app.ts goes along.',
    );
  });
});

describe('files in a question', () => {
  it('are completed at the end of a text', () => {
    expect(typedMention('Use #sr')).toBe('sr');
    expect([typedMention('Use #sr '), typedMention('C#sr'), typedMention('Use #')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(completedMention('Use #sr', 'src/a.ts')).toBe('Use #src/a.ts ');
    expect(completedMention('Use it', 'src/a.ts')).toBe('Use it');
  });

  it('are named by # and a path, at the beginning of a word', () => {
    expect(namedFiles('Does #src/a.ts call #lib/b-2.py, or #src/a.ts?')).toEqual(['src/a.ts', 'lib/b-2.py']);
    expect(namedFiles('C# and a#b.ts, # heading, #../secret #a/../../b')).toEqual([]);
  });

  it('are found by a part of their path in either case, without what a pattern would read otherwise', () => {
    expect(searchPattern('Ap')).toBe('**/*[aA][pP]*');
    expect(searchPattern('src/a*')).toBe('**/*[sS][rR][cC]*/*[aA]?*');
  });

  it('come with those first whose names begin so', () => {
    const paths = ['lib/map/index.ts', 'src/snap.ts', 'src/application.ts', 'app/x.ts', 'src/app.ts'];
    expect(rankedPaths(paths, 'ap')).toEqual([
      'src/app.ts',
      'src/application.ts',
      'app/x.ts',
      'src/snap.ts',
      'lib/map/index.ts',
    ]);
  });
});
