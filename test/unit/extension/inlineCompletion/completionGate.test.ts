import { describe, expect, it } from 'vitest';
import { gateCompletion, type GateInput } from '../../../../extension/inlineCompletion/completionGate.ts';

const open: GateInput = {
  settings: { enabled: true, trigger: 'automatic', languages: { '*': true }, debounceMs: 0, alternatives: 3 },
  languageId: 'typescript',
  trigger: 'automatic',
  isSnoozed: false,
  isEngineReady: true,
};

const closed: readonly (readonly [string, GateInput])[] = [
  ['disabledByUser', { ...open, settings: { ...open.settings, enabled: false } }],
  ['snoozed', { ...open, isSnoozed: true }],
  ['disabledForLanguage', { ...open, settings: { ...open.settings, languages: { typescript: false } } }],
  ['disabledForLanguage', { ...open, settings: { ...open.settings, languages: { '*': false } } }],
  ['manualTrigger', { ...open, settings: { ...open.settings, trigger: 'manual' } }],
];

describe('gateCompletion', () => {
  it('is open when nothing is against it', () => {
    expect(gateCompletion(open)).toBeNull();
  });

  it.each(closed)('says %s', (reason, input) => {
    expect(gateCompletion(input)).toBe(reason);
  });

  it.each(closed)('lets a command past %s', (_reason, input) => {
    expect(gateCompletion({ ...input, trigger: 'invoked' })).toBeNull();
  });

  it('holds a command back when no engine answers', () => {
    expect(gateCompletion({ ...open, trigger: 'invoked', isEngineReady: false })).toBe('engineNotReady');
  });

  it('follows a language before the star', () => {
    const languages = { '*': false, typescript: true };
    expect(gateCompletion({ ...open, settings: { ...open.settings, languages } })).toBeNull();
  });
});
