import { describe, expect, it } from 'vitest';
import { isLanguageEnabled, readEditorSettings } from '../../../../extension/config/editorSettings.ts';
import { declaredSettings } from '../../../support/machine/manifest.ts';

type Values = Readonly<Record<string, unknown>>;

/** Settings where the user set the first values and the open workspace others. */
function settingsWith(
  users: Values,
  { isTrusted = true, workspace = {} }: { readonly isTrusted?: boolean; readonly workspace?: Values } = {},
) {
  const declared = (key: string) => declaredSettings.get(`entropane.${key}`);
  return readEditorSettings({
    isTrusted,
    declared,
    value: (key) => workspace[key] ?? users[key] ?? declared(key)?.default,
    usersValue: (key) => users[key],
  });
}

describe('readEditorSettings', () => {
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
    ['traceFileLimit', 1],
    ['completionTraceFileLimit', 1],
    ['traceBytesLimit', 1_048_576],
    ['tokensPerDay', 0],
    ['storePath', '/elsewhere'],
    ['prefixDiskBytesLimit', 1e9],
  ])('lets no workspace set %s, trusted or not', (key, value) => {
    const users = { traceFileLimit: 50, completionTraceFileLimit: 60, tokensPerDay: 10_000 };
    const own = settingsWith(users);
    for (const isTrusted of [true, false])
      expect(settingsWith(users, { isTrusted, workspace: { [key]: value } })).toEqual(own);
  });

  it.each([
    ['model', '/repository/model.gguf'],
    ['contextTokens', 131_072],
    ['budgetTokens', 0],
    ['candidates', 16],
    ['completions.enabled', true],
    ['strategyMemory', true],
    ['multiline', 'always'],
    ['consensus', 'off'],
    ['skipPreamble', 'off'],
    ['trialConfidence', 0.5],
    ['steadyAnswers', true],
    ['confidencePruning', 'strict'],
  ])('takes %s from a workspace that is trusted, and from no other', (key, value) => {
    const users = { budgetTokens: 500, 'completions.enabled': false };
    const workspace = { [key]: value };
    expect(settingsWith(users, { isTrusted: false, workspace })).toEqual(settingsWith(users));
    expect(settingsWith(users, { workspace })).toEqual(settingsWith({ ...users, ...workspace }));
    expect(settingsWith(users, { workspace })).not.toEqual(settingsWith(users));
  });

  it.each([
    ['candidates', 'many'],
    ['candidates', -1],
    ['candidates', 2.5],
    ['candidates', 0],
    ['candidates', 1_000],
    ['completionMaxTokens', 0],
    ['contextTokens', 2 ** 30],
    ['traceFileLimit', 0],
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
