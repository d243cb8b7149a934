import { expect, test } from 'vitest';
import { parseTraceEvent } from '../../../protocol/parseTraceEvent.ts';
import { tokenRun } from '../../support/trace/tokenRun.ts';

const verification = {
  type: 'verification/finished',
  seq: 4,
  timeMs: 12,
  candidateId: 0,
  command: 'npm test',
  outcome: 'passed',
  exitCode: 0,
  output: '',
  durationMs: 900,
};

test('a test of code may say what confined it, and in files of earlier versions says nothing', () => {
  expect(parseTraceEvent(verification)).toEqual(verification);
  const confined = { ...verification, confinement: { kind: 'bubblewrap' } };
  expect(parseTraceEvent(confined)).toEqual(confined);
  expect(parseTraceEvent({ ...verification, confinement: 'bubblewrap' })).toBeNull();
});

test('upper bounds of entropies are a column as long as the others, where there are any', () => {
  const appended = { type: 'tokens/appended', seq: 2, timeMs: 3, candidateId: 0, purpose: 'answer' } as const;
  const exact = { ...appended, tokens: tokenRun([0.1, 0.2]) };
  expect(parseTraceEvent(exact)).toEqual(exact);
  const bounded = { ...appended, tokens: { ...exact.tokens, entropyUpperNats: [0.2, 0.3] } };
  expect(parseTraceEvent(bounded)).toEqual(bounded);
  expect(parseTraceEvent({ ...appended, tokens: { ...exact.tokens, entropyUpperNats: [0.2] } })).toBeNull();
});
