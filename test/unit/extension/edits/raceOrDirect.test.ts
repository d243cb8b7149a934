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
    strategy: 'auto',
    verifyCommand: commandInForce('npm test', true),
    workspaceFolder: '/project',
  } as const;

  it.each(['edit', 'fix'] as const)('of the kind %s races where a test can judge', (kind) => {
    for (const strategy of ['auto', 'directBestOfN', 'selfConsistency'] as const)
      expect(raceOrDirect(kind, { ...tested, strategy })).toEqual({ strategy: 'directBestOfN' });
  });

  it.each([
    ['with the strategy direct', 'fix', { ...tested, strategy: 'direct' }],
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
