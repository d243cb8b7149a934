import { describe, expect, it } from 'vitest';
import {
  capOf,
  isSampled,
  parseStrategyRow,
  weightOf,
  withCap,
} from '../../../../../lab/bench/reasoning/strategyRow.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { defaultProfiles } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';

describe('a row', () => {
  it('takes parameters, and all else from the settings', () => {
    const { key, request } = parseStrategyRow('selfConsistency:temperature=0.7:cap=200:8:consensus=off');
    expect(key).toBe('selfConsistency:8:cap=200:consensus=off:temperature=0.7');
    expect(request).toMatchObject({
      strategy: 'selfConsistency',
      candidateCount: 8,
      difficulty: null,
      choices: { maxThoughtTokens: 200, temperature: 0.7, earlyStopping: { consensus: 'off' } },
    });
    expect(parseStrategyRow('auto').request).toMatchObject({ candidateCount: 4, choices: {} });
    expect(capOf(parseStrategyRow('auto'))).toBe(512);
  });

  it('reads the bounds of a search over steps', () => {
    const { request } = parseStrategyRow('stepBeam:2:children=3:steps=7');
    expect(request.choices.stepSearch).toEqual({ stepChildren: 3, maxSteps: 7 });
    expect(parseStrategyRow('stepBeam').request.choices).toEqual({});
  });

  it('reads how thoughts begin', () => {
    const skips = (text: string) => parseStrategyRow(text).request.choices.skipPreamble;
    const rows = ['chainOfThought', 'chainOfThought:skipPreamble=on', 'selfConsistency:4:skipPreamble=off'];
    expect(rows.map(skips)).toEqual([undefined, true, false]);
  });

  it('reads whether programs are repaired', () => {
    const repairs = (text: string) => parseStrategyRow(text).request.choices.repair;
    const rows = ['directBestOfN:candidates=4', 'directBestOfN:4:repair=off', 'directBestOfN:4:repair=on'];
    expect(rows.map(repairs)).toEqual([undefined, false, true]);
    expect(parseStrategyRow('directBestOfN:candidates=4:repair=off').key).toBe('directBestOfN:4:repair=off');
  });

  it('has one name however it was written', () => {
    expect(parseStrategyRow('auto:difficulty=hard:1').key).toBe(
      parseStrategyRow('auto:1:difficulty=hard').key,
    );
  });

  it('can have another cap', () => {
    const row = withCap(parseStrategyRow('chainOfThought:skipPreamble=on:cap=8192'), 96);
    expect(row).toEqual(parseStrategyRow('chainOfThought:cap=96:skipPreamble=on'));
    expect(row.key).toBe('chainOfThought:cap=96:skipPreamble=on');
  });

  it.each([
    'thinkHard',
    'auto:cap',
    'auto:cap=-1',
    'auto:99',
    'auto:colour=red',
    'auto:consensus=maybe',
    'chainOfThought:skipPreamble=short',
    'direct:skipPreamble=on',
    'direct:repair=off',
    'directBestOfN:repair=twice',
  ])('is not read from %s', (text) => {
    expect(() => parseStrategyRow(text)).toThrow(UsageError);
  });

  it.each([
    ['direct', false, 1],
    ['chainOfThought', false, 1],
    ['chainOfThought:temperature=0.8', true, 1],
    ['auto:1', false, 1],
    ['auto:8:temperature=0.4', true, 1],
    ['selfConsistency:8', true, 8],
    ['stepBeam:3:children=4', true, 12],
    ['aStar:2:steps=5:children=2', true, 4],
    ['aStar:2:temperature=0', false, 4],
    ['refineFirstError:4', true, 4],
    ['directBestOfN:8', true, 8],
  ])('%s: whether seeds matter and how many candidates run', (text, sampled, weight) => {
    const row = parseStrategyRow(text);
    expect(isSampled(row, defaultProfiles)).toBe(sampled);
    expect(weightOf(row, defaultProfiles)).toBe(weight);
  });

  it.each([
    ['auto:1', false],
    ['auto:4', true],
    ['auto:4:difficulty=easy', false],
    ['auto:4:difficulty=hard', true],
  ])('%s with a vote for hard questions: whether seeds matter', (text, sampled) => {
    const hard = {
      ...defaultProfiles.hard,
      strategy: 'selfConsistency',
      temperature: 0.7,
      candidates: 8,
    } as const;
    expect(isSampled(parseStrategyRow(text), { ...defaultProfiles, hard })).toBe(sampled);
  });
});
