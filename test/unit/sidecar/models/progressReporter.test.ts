import { expect, test } from 'vitest';
import type { FetchProgress } from '../../../../protocol/messages.ts';
import { ProgressReporter } from '../../../../sidecar/models/progressReporter.ts';

function reporterAt(times: readonly number[]) {
  const seen: FetchProgress[] = [];
  const left = [...times];
  const clock = { now: () => left.shift() ?? 0, date: () => new Date(0) };
  return { seen, reporter: new ProgressReporter((progress) => seen.push(progress), clock) };
}

test('reports at most ten times a second, but always the first and the last count', () => {
  const { seen, reporter } = reporterAt([0, 10, 20, 130, 140]);
  for (const bytes of [0, 100, 200, 300, 400]) reporter.report('download', bytes, 400);
  expect(seen.map((progress) => progress.doneBytes)).toEqual([0, 300, 400]);
});

test('a new phase is reported at once and has a speed of its own', () => {
  const { seen, reporter } = reporterAt([0, 1_000, 1_001, 2_001]);
  reporter.report('download', 0, 400);
  reporter.report('download', 400, 400);
  reporter.report('verify', 0, 400);
  reporter.report('verify', 100, 400);
  expect(seen.map(({ phase, bytesPerSecond }) => [phase, bytesPerSecond])).toEqual([
    ['download', null],
    ['download', 400],
    ['verify', null],
    ['verify', 100],
  ]);
});

test('names where the bytes come from', () => {
  const { seen, reporter } = reporterAt([0, 1]);
  reporter.report('download', 0, 400);
  reporter.from('packageMirror');
  reporter.report('download', 0, 300);
  expect(seen.map((progress) => progress.source)).toEqual(['hub', 'packageMirror']);
});
