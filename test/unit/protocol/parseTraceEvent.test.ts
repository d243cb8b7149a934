import { expect, test } from 'vitest';
import { parseTraceEvent } from '../../../protocol/parseTraceEvent.ts';

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
