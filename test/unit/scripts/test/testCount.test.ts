import { expect, test } from 'vitest';
import { countReport } from '../../../../scripts/test/testCount.mjs';

function file(...tests: readonly (readonly [status: string, name: string])[]) {
  return {
    name: '/checkout/test/a.test.ts',
    assertionResults: tests.map(([status, fullName]) => ({ status, fullName })),
  };
}

test('counts what passed and what failed, and names failures', () => {
  const report = { testResults: [file(['passed', 'a'], ['failed', 'b']), file(['passed', 'c'])] };
  expect(countReport(report)).toEqual({ passed: 2, failed: 1, problems: ['failed: b'] });
});

test.each(['skipped', 'pending', 'todo', 'disabled'])('a test that is %s is failed', (status) => {
  const count = countReport({ testResults: [file(['passed', 'a'], [status, 'b'])] });
  expect(count).toEqual({ passed: 1, failed: 1, problems: [`never ran (${status}): b`] });
});

test('a test skipped for its platform, and saying so, counts as neither', () => {
  const count = countReport({ testResults: [file(['passed', 'a'], ['skipped', 'b (platform: Windows)'])] });
  expect(count).toEqual({ passed: 1, failed: 0, problems: [] });
});

test('a file without tests fails: it did not load, or tests nothing', () => {
  expect(countReport({ testResults: [file(), file(['passed', 'a'])] })).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test.each([[null], [{}], [{ testResults: [] }]])('a run that left %j fails', (report) => {
  expect(countReport(report)).toEqual({ passed: 0, failed: 1, problems: ['no test ran'] });
});
