import { describe, expect, it } from 'vitest';
import { readEditorSettings } from '../../extension/config/editorSettings.ts';
import { selectorTexts } from '../../protocol/selectorTable.ts';
import {
  effectsOf,
  isRestricted,
  settingDescription,
  settingsTable,
  type SettingDescription,
  type SettingKey,
} from '../../protocol/settingsTable.ts';
import { figureText } from '../../protocol/standing.ts';
import { strategyTexts } from '../../protocol/strategyTable.ts';
import { declaredSettings, manifest } from '../support/machine/manifest.ts';

const prefix = 'entropane.';
const sections = manifest.contributes.configuration;
const rows = Object.keys(settingsTable)
  .filter((key): key is SettingKey => key in settingsTable)
  .map((key) => ({ key, setting: declaredSettings.get(`${prefix}${key}`), row: settingDescription(key) }));

/** What the manifest has to say of a row, but for its texts, its default and its order. */
function manifestOf(row: SettingDescription): object {
  const { scope, list } = row;
  return {
    ...shapeOf(row),
    scope: scope === 'window' ? undefined : scope,
    tags: list === 'ordinary' ? undefined : [list],
  };
}

function shapeOf(row: SettingDescription): object {
  switch (row.kind) {
    case 'text':
      return { type: 'string' };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'flag':
      return { type: 'boolean' };
    case 'switches':
      return { type: 'object', additionalProperties: { type: 'boolean' } };
    case 'choice':
      return { type: 'string', enum: row.choices };
    case 'whole':
    case 'number':
      return {
        type: row.kind === 'whole' ? 'integer' : 'number',
        minimum: row.min,
        maximum: row.max,
      };
  }
}

describe('each setting', () => {
  it('has a row in the table and an entry in the manifest', () => {
    expect(rows.map(({ key }) => `${prefix}${key}`).toSorted()).toEqual(
      [...declaredSettings.keys()].toSorted(),
    );
  });

  it.each(rows)('$key is declared as the table describes it', ({ setting, row }) => {
    const others = ['default', 'order', 'markdownDescription', 'enumDescriptions'];
    const shape = Object.entries(setting ?? {}).filter(([name]) => !others.includes(name));
    expect(Object.fromEntries(shape)).toEqual(manifestOf(row));
  });

  it.each(rows)('$key is described, choice by choice', ({ setting }) => {
    expect(setting?.markdownDescription).toMatch(/\.( `|$)|\.$/);
    expect(setting?.enumDescriptions?.length).toBe(setting?.enum?.length);
  });

  const named = ({ key, setting }: (typeof rows)[number]) => `${key} ${setting?.markdownDescription ?? ''}`;

  it('says what its figures are', () => {
    const withFigures = rows.filter(({ row }) => row.figures !== undefined);
    expect(withFigures.length).toBeGreaterThan(0);
    for (const { row, ...rest } of withFigures)
      for (const figure of row.figures ?? []) expect(named({ row, ...rest })).toContain(figureText(figure));
  });

  it('is marked where it is experimental, and nowhere else', () => {
    for (const { key, setting, row } of rows) {
      const isMarked = setting?.markdownDescription?.startsWith('Experimental: ') === true;
      expect(isMarked, key).toBe(row.list === 'experimental');
    }
  });

  it('says so where a change waits for a model, and where no workspace may set it', () => {
    for (const { key, setting, row } of rows) {
      const words = setting?.markdownDescription ?? '';
      expect(/Takes effect when (?:the|a) model is loaded next\./u.test(words), key).toBe(
        row.acts === 'nextLoad',
      );
      if (effectsOf(row).includes('deletes')) expect(words, key).toContain('No workspace can set it.');
    }
  });

  const choices = rows.flatMap(({ key, row }) =>
    row.kind === 'choice' ? row.choices.map((choice) => [key, choice] as const) : [],
  );
  it.each(choices)('%s can be %s', (key, choice) => {
    const value = (name: string) => (name === key ? choice : undefined);
    const settings = readEditorSettings({
      isTrusted: true,
      value,
      usersValue: value,
      declared: (name) => declaredSettings.get(`${prefix}${name}`),
    });
    expect(Object.values({ ...settings.sidecar, ...settings.completions })).toContain(choice);
  });
});

describe('the list of settings', () => {
  it('has at most 24 that are neither for experts nor experimental', () => {
    const ordinary = rows.filter(({ row }) => row.list === 'ordinary');
    expect(ordinary.length).toBeLessThanOrEqual(24);
    expect(ordinary.length).toBeGreaterThan(12);
  });

  // Older versions of VS Code show every setting whatever its tags, so those lie in sections of their own, at the end.
  it('has the others in sections of their own, at the end', () => {
    const titles = sections.map(({ title }) => title);
    expect(titles.slice(-2)).toEqual(['Advanced', 'Experimental']);
    for (const { title, properties } of sections)
      for (const [key, { tags = [] }] of Object.entries(properties))
        expect([tags[0] ?? 'ordinary', key]).toEqual([
          ['Advanced', 'Experimental'].includes(title) ? title.toLowerCase() : 'ordinary',
          key,
        ]);
  });

  it.each(sections)('has no ties of order in $title', ({ properties }) => {
    const orders = Object.values(properties).map(({ order }) => order);
    expect(orders).not.toContain(undefined);
    expect(new Set(orders).size).toBe(orders.length);
  });
});

describe('a workspace that is not trusted', () => {
  it('cannot set what deletes, keeps, spends, loads or runs something', () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(supported).toBe('limited');
    const restricted = rows.filter(({ key }) => isRestricted(key)).map(({ key }) => `${prefix}${key}`);
    expect([...restrictedConfigurations].toSorted()).toEqual(restricted.toSorted());
  });

  it.each(rows)('$key declares what it can do, or why it can do nothing', ({ row }) => {
    const known = ['deletes', 'keeps', 'spends', 'loads', 'runs'];
    if ('none' in row.effects) {
      expect(row.effects.none).toMatch(/^\S.{10,}$/u);
    } else {
      expect(row.effects.length).toBeGreaterThan(0);
      for (const effect of row.effects) expect(known).toContain(effect);
    }
    if (row.acts === 'nextLoad') expect(effectsOf(row)).toContain('loads');
  });

  /** Settings that were reviewed and can do none of these. Add a new one only after a review. */
  const harmless: readonly SettingKey[] = [];
  it('sets nothing but what was reviewed as harmless', () => {
    const without = rows.filter(({ row }) => effectsOf(row).length === 0).map(({ key }) => key);
    expect(without).toEqual(harmless);
  });

  it.each([
    'multiline',
    'consensus',
    'skipPreamble',
    'trialConfidence',
    'steadyAnswers',
    'confidencePruning',
  ] as const)('cannot set %s, which changes how much is generated', (key) => {
    expect(effectsOf(settingDescription(key))).toContain('spends');
    expect(isRestricted(key)).toBe(true);
  });

  it('has no say, like any workspace, in what deletes files or bounds a day', () => {
    const own = rows.filter(({ key, row }) => effectsOf(row).includes('deletes') || key === 'tokensPerDay');
    expect(own.length).toBeGreaterThan(1);
    for (const { key, row } of own) expect([key, row.scope]).toEqual([key, 'machine']);
  });
});

describe('choices with a standing', () => {
  it.each([
    ['strategy', strategyTexts],
    ['selector', selectorTexts],
  ])('of %s are those of the table, in its words', (key, texts) => {
    const setting = declaredSettings.get(`${prefix}${key}`);
    expect(setting?.enum).toEqual(texts.map(({ id }) => id));
    expect(setting?.enumDescriptions).toEqual(texts.map(({ text }) => text));
    expect(texts.filter(({ text }) => text.startsWith('Experimental: ')).length).toBeGreaterThan(0);
  });
});
