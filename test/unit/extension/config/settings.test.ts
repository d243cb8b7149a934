import { describe, expect, it } from 'vitest';
import { isLanguageEnabled, readSettings } from '../../../../extension/config/settings.ts';
import { declaredSettings } from '../../../support/machine/manifest.ts';

function settingsWith(values: Readonly<Record<string, unknown>>, { isTrusted = true } = {}) {
  const declared = (key: string) => declaredSettings.get(`entropane.${key}`);
  return readSettings({ isTrusted, declared, value: (key) => values[key] ?? declared(key)?.default });
}

describe('readSettings', () => {
  it('takes what the user set', () => {
    const settings = settingsWith({ candidates: 7, 'completions.trigger': 'manual' });
    expect(settings.sidecar.candidates).toBe(7);
    expect(settings.completions.trigger).toBe('manual');
  });

  it('takes a command that runs code in a trusted workspace alone', () => {
    const values = { verifyCommand: 'npm test', candidates: 7 };
    expect(settingsWith(values).sidecar.verifyCommand).toBe('npm test');
    const untrusted = settingsWith(values, { isTrusted: false });
    expect(untrusted.sidecar).toMatchObject({ verifyCommand: '', candidates: 7 });
  });

  it.each([
    ['candidates', 'many'],
    ['candidates', -1],
    ['candidates', 2.5],
    ['candidates', 0],
    ['candidates', 1_000],
    ['completionMaxTokens', 1],
    ['strategy', 'guess'],
    ['completions.enabled', 'yes'],
    ['completions.languages', { python: 'on' }],
    ['completions.languages', [true]],
  ])('counts %s = %j as not set', (key, value) => {
    expect(settingsWith({ [key]: value })).toEqual(settingsWith({}));
  });
});

describe('isLanguageEnabled', () => {
  it('follows the language, then the star, then yes', () => {
    expect(isLanguageEnabled({ '*': false, python: true }, 'python')).toBe(true);
    expect(isLanguageEnabled({ '*': false, python: true }, 'go')).toBe(false);
    expect(isLanguageEnabled({ python: false }, 'go')).toBe(true);
  });
});
