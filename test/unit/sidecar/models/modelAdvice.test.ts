import { describe, expect, it } from 'vitest';
import { adviseModels, type JudgedModel, outlookOf } from '../../../../sidecar/models/modelAdvice.ts';

const gigabyte = 1e9;
const plenty = 100 * gigabyte;

function model(
  name: string,
  [reads, writes, memory]: readonly [reads: number, writes: number, memory: number],
  changes: Partial<JudgedModel> = {},
): JudgedModel {
  return {
    name,
    isHere: true,
    pace: { prefillTokensPerSecond: reads, decodeTokensPerSecond: writes },
    isMeasured: true,
    memoryBytes: memory * gigabyte,
    worth: memory,
    serves: ['questions', 'completions'],
    ...changes,
  };
}

const small = model('coder-0.5b', [300, 50, 0.7]);
const middle = model('coder-1.5b', [100, 17.2, 1.6]);
const slow = model('coder-7b', [20, 4, 6]);

describe('the recommendation', () => {
  it('is the largest model that is fast enough, for questions and for typing', () => {
    expect(adviseModels([small, middle, slow], plenty)).toEqual({
      questions: 'coder-1.5b',
      completions: 'coder-0.5b',
      text: 'On this machine coder-1.5b answers at 17 tok/s: recommended for questions; keep coder-0.5b for typing.',
    });
  });

  it('is one model for both where that is fast enough', () => {
    const { text, completions } = adviseModels([small, model('fast-3b', [900, 120, 3])], plenty);
    expect(completions).toBe('fast-3b');
    expect(text).toBe('On this machine fast-3b answers at 120 tok/s: recommended for questions and typing.');
  });

  it('is the fastest where none is fast enough', () => {
    const slower = model('coder-14b', [10, 2, 10]);
    expect(adviseModels([slower, slow], plenty)).toMatchObject({
      questions: 'coder-7b',
      completions: 'coder-7b',
    });
    expect(adviseModels([slower, slow], plenty).text).toContain('4.0 tok/s');
  });

  it('has no model that does not fit, alone or beside the one for typing', () => {
    expect(adviseModels([small, middle], 1.5 * gigabyte).questions).toBe('coder-0.5b');
    expect(adviseModels([small, middle], 2 * gigabyte).questions).toBe('coder-0.5b');
    expect(adviseModels([small, middle], 2.5 * gigabyte).questions).toBe('coder-1.5b');
    expect(adviseModels([middle], gigabyte)).toEqual({ questions: null, completions: null, text: '' });
  });

  it('goes by what models were trained for', () => {
    const chat = model('chat-2b', [100, 20, 2], { serves: ['questions'] });
    const base = model('base-2b', [900, 90, 2.5], { serves: ['completions'] });
    expect(adviseModels([small, chat, base], plenty)).toMatchObject({
      questions: 'chat-2b',
      completions: 'base-2b',
    });
    expect(adviseModels([base], plenty).text).toBe(
      'On this machine base-2b writes at 90 tok/s: recommended for typing.',
    );
  });

  it('says what a download would add, and that this is estimated', () => {
    const absent = { ...middle, isHere: false, isMeasured: false };
    const advice = adviseModels([small, absent], plenty);
    expect(advice).toMatchObject({ questions: 'coder-0.5b', completions: 'coder-0.5b' });
    expect(advice.text).toMatch(
      /coder-1\.5b, which is not here,.* estimated to answer at 17 tok\/s; fetch it/u,
    );
    // Nothing is said of one that is worth less, or too slow.
    const less = model('tiny', [900, 90, 0.1], { isHere: false });
    expect(adviseModels([middle, less, { ...slow, isHere: false }], plenty).text).not.toContain('not here');
  });

  it('says of an estimate for a model that is here that it is one', () => {
    expect(adviseModels([{ ...small, isMeasured: false }], plenty).text).toContain('50 tok/s (estimated)');
  });

  it('is empty before anything was measured', () => {
    const unknown = [small, middle].map((each) => ({ ...each, pace: null, isMeasured: false }));
    expect(adviseModels(unknown, plenty)).toEqual({ questions: null, completions: null, text: '' });
  });
});

describe('the outlook', () => {
  it('says whether a model fits, where that is known', () => {
    expect(outlookOf(small, gigabyte)).toMatchObject({ fits: true, isMeasured: true });
    expect(outlookOf(middle, gigabyte).fits).toBe(false);
    expect(outlookOf({ ...small, memoryBytes: null }, gigabyte).fits).toBeNull();
    expect(outlookOf(null, gigabyte)).toEqual({
      pace: null,
      isMeasured: false,
      memoryBytes: null,
      fits: null,
    });
  });
});
