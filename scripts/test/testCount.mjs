/**
 * @typedef {{ name: string, assertionResults: readonly { fullName: string, status: string }[] }} FileReport
 */

/**
 * `problems` names what failed or never ran, a line each.
 *
 * @typedef {{ passed: number, failed: number, problems: readonly string[] }} TestCount
 */

/**
 * Counts a vitest JSON report. Only a test that ran and passed is passed; a skipped one is failed unless its name
 * says `platform`, and so is a file that could not be loaded, a file without tests, or a run without any. Pure.
 *
 * @param {{ testResults?: readonly FileReport[] } | null} report parsed JSON, or null where the run left none
 * @returns {TestCount}
 */
export function countReport(report) {
  const files = report?.testResults ?? [];
  if (files.length === 0) return { passed: 0, failed: 1, problems: ['no test ran'] };
  const counts = files.map(countFile);
  return {
    passed: sum(counts.map((count) => count.passed)),
    failed: sum(counts.map((count) => count.failed)),
    problems: counts.flatMap((count) => count.problems),
  };
}

/** @param {FileReport} file @returns {TestCount} */
function countFile({ name, assertionResults }) {
  // A file that fails while loading reports no tests at all.
  if (assertionResults.length === 0) return { passed: 0, failed: 1, problems: [`${name}: no test ran`] };
  const passed = assertionResults.filter(({ status }) => status === 'passed');
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const skipped = assertionResults.filter(
    ({ status, fullName }) => status !== 'passed' && status !== 'failed' && !/\bplatform\b/.test(fullName),
  );
  return {
    passed: passed.length,
    failed: failed.length + skipped.length,
    problems: [
      ...failed.map(({ fullName }) => `failed: ${fullName}`),
      ...skipped.map(({ fullName, status }) => `never ran (${status}): ${fullName}`),
    ],
  };
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
