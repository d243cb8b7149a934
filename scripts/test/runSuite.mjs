import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { vitestCommand } from './suites.mjs';
import { countReport } from './testCount.mjs';

const reportFolder = path.join(root, '.cache', 'testReports');
/** Twice what the longest suite takes on two cores. One that hangs must not hang the whole run. */
const suiteTimeoutMs = 35 * 60 * 1000;

/**
 * @typedef {object} SuiteResult
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} problems
 * @property {number} seconds
 */

/**
 * Runs one suite and counts it. Never throws: whatever keeps a suite from running is a failure of it.
 *
 * @param {import('./suites.mjs').suites[number]} suite
 * @param {{ show: boolean }} options whether output passes through, or is printed at the end where it failed
 * @returns {Promise<SuiteResult>}
 */
export async function runSuite(suite, { show }) {
  const startMs = performance.now();
  const count = suite.kind === 'check' ? await runCheck(suite) : await runVitest(suite, { show });
  return { name: suite.name, ...count, seconds: (performance.now() - startMs) / 1000 };
}

async function runCheck({ name, command }) {
  const { exitCode, output } = await runCommand(command, { timeoutMs: suiteTimeoutMs });
  if (exitCode === 0) return { passed: 1, failed: 0, problems: [] };
  process.stdout.write(`\n${name}\n${output}\n`);
  return { passed: 0, failed: 1, problems: [`failed: ${command.slice(1).map(baseName).join(' ')}`] };
}

async function runVitest({ name }, { show }) {
  const reportPath = path.join(reportFolder, `${name}.json`);
  await mkdir(reportFolder, { recursive: true });
  await rm(reportPath, { force: true });
  const command = vitestCommand(name, reportPath);
  const { exitCode, output } = await runCommand(command, { show, timeoutMs: suiteTimeoutMs });
  const count = countReport(await readReport(reportPath));
  if (exitCode !== 0 && !show) process.stdout.write(`\n${name}\n${output}\n`);
  if (exitCode === 0 || count.failed > 0) return count;
  // An error outside any test, such as a rejection nobody awaited, fails the run and no test.
  return { ...count, failed: 1, problems: [`the runner ended with code ${exitCode ?? 'none (timed out)'}`] };
}

async function readReport(reportPath) {
  try {
    return JSON.parse(await readFile(reportPath, 'utf8'));
  } catch {
    // The runner ended before it wrote one; the count says so.
    return null;
  }
}

function baseName(argument) {
  return path.isAbsolute(argument) ? path.basename(argument) : argument;
}
