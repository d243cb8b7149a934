import { describe, expect, it } from 'vitest';
import type { AskParams, SidecarSettings } from '../../../../protocol/messages.ts';
import { askRequestOf } from '../../../../sidecar/app/askRequest.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';

const requestOf = (params: Partial<AskParams>, settings: Partial<SidecarSettings> = {}) =>
  askRequestOf(
    { question: 'Why?', ...params },
    { ...defaultSettings, ...settings },
    { requestId: 'request-1', seed: 1, tokensLeftToday: Infinity },
  );

describe('what a table may decide of a question', () => {
  it('is all that is left at its default', () => {
    expect(requestOf({}).choices).toEqual({ earlyStopping: {}, stepSearch: {}, budget: {} });
  });

  it('is how thoughts begin, unless a question or the settings say', () => {
    expect(requestOf({}, { skipPreamble: 'auto' }).choices.skipPreamble).toBeUndefined();
    expect(requestOf({}, { skipPreamble: 'on' }).choices.skipPreamble).toBe(true);
    expect(requestOf({}, { skipPreamble: 'off' }).choices.skipPreamble).toBe(false);
    expect(requestOf({ skipPreamble: false }, { skipPreamble: 'on' }).choices.skipPreamble).toBe(false);
    expect(requestOf({ skipPreamble: true }, { skipPreamble: 'off' }).choices.skipPreamble).toBe(true);
  });

  it('is the class of difficulty that the settings or the question name, and none where it is to be measured', () => {
    expect(requestOf({}).difficulty).toBeNull();
    expect(requestOf({}, { difficulty: 'easy' }).difficulty).toBe('easy');
    expect(requestOf({ difficulty: 'hard' }, { difficulty: 'easy' }).difficulty).toBe('hard');
    expect(requestOf({ difficulty: 'measured' }, { difficulty: 'easy' }).difficulty).toBeNull();
  });

  it('is how many candidates vote on what the user calls hard, unless the user says how many', () => {
    expect(requestOf({}).candidateCount).toBe(defaultSettings.candidates);
    expect(requestOf({ difficulty: 'hard' }).candidateCount).toBe(8);
    expect(requestOf({ difficulty: 'easy' }).candidateCount).toBe(defaultSettings.candidates);
    expect(requestOf({ difficulty: 'hard', candidates: 3 }).candidateCount).toBe(3);
    expect(requestOf({ difficulty: 'hard' }, { candidates: 2 }).candidateCount).toBe(2);
    const chosen = { difficulty: 'hard', strategy: 'selfConsistency' } as const;
    expect(requestOf(chosen).candidateCount).toBe(defaultSettings.candidates);
  });

  it('is not what the user set, for one question or for all', () => {
    const all = { selector: 'mostConfident', trialConfidence: 0.9, maxSteps: 4 } as const;
    expect(requestOf({}, all).choices).toMatchObject({
      selector: 'mostConfident',
      earlyStopping: { trialConfidence: 0.9 },
      stepSearch: { maxSteps: 4 },
    });
    const one = { earlyStopping: { trialConfidence: 0 }, stepSearch: { stepChildren: 2 } } as const;
    expect(requestOf({ ...one, selector: 'majority' }, all).choices).toMatchObject({
      selector: 'majority',
      earlyStopping: { trialConfidence: 0 },
      stepSearch: { stepChildren: 2, maxSteps: 4 },
    });
  });
});
