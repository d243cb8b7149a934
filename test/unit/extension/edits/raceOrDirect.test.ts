import { describe, expect, it } from 'vitest';
import { readEditorSettings } from '../../../../extension/config/editorSettings.ts';
import { raceOrDirect } from '../../../../extension/edits/raceOrDirect.ts';
import { declaredSettings } from '../../../support/machine/manifest.ts';

/** The command in force where the user set this one. */
function commandInForce(command: string, isTrusted: boolean): string {
  const declared = (key: string) => declaredSettings.get(`entropane.${key}`);
  const value = (key: string) => (key === 'verifyCommand' ? command : declared(key)?.default);
  return readEditorSettings({ isTrusted, declared, value, usersValue: value }).sidecar.verifyCommand;
}

describe('an edit', () => {
  const tested = {
    strategy: 'directBestOfN',
    verifyCommand: commandInForce('npm test', true),
    workspaceFolder: '/project',
  } as const;

  it.each(['edit', 'fix'] as const)(
    'of the kind %s races where that strategy is chosen and a test can judge',
    (kind) => {
      expect(raceOrDirect(kind, tested)).toEqual({ strategy: 'directBestOfN' });
    },
  );

  it.each([
    ['with another strategy', 'fix', { ...tested, strategy: 'auto' }],
    ['without a test command', 'fix', { ...tested, verifyCommand: ' ' }],
    [
      'in a workspace that is not trusted',
      'fix',
      { ...tested, verifyCommand: commandInForce('npm test', false) },
    ],
    ['of a file outside of the workspace', 'fix', { ...tested, workspaceFolder: null }],
    ['that documents', 'document', tested],
    ['that writes tests', 'tests', tested],
    ['that goes on at a cursor', 'continue', tested],
  ] as const)('%s is one direct program', (_what, kind, given) => {
    expect(raceOrDirect(kind, given)).toEqual({});
  });
});
