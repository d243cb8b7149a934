// `npm test`: sets up what is missing, runs every suite (or those named), and closes with the count over all of
// them. Imports nothing from node_modules, because on a fresh checkout there are none.
import { buildBundles } from './setup/bundles.mjs';
import { installDebianPackages } from './setup/debianPackages.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { ensureEditorRig, missingEditorPackages } from './editor/editorRig.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { defaultModelName, fetchModel, missingModelPackages } from './setup/models.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { runSuite } from './test/runSuite.mjs';
import { step } from './setup/step.mjs';
import { suites } from './test/suites.mjs';
import { ensureTestBrowser, missingBrowserPackages } from './test/testBrowser.mjs';
import { missingSandboxPackages } from './test/testSandbox.mjs';

/** Small enough to load in a second; what most integration tests run on. */
const testModelName = 'smollm2-135m';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
const chosen = names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));

if (unknown.length > 0) {
  process.stderr.write(
    `There is no suite ${unknown.join(', ')}. Suites: ${suites.map((suite) => suite.name).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  let results = [];
  await runProgram(async () => {
    await setUp(new Set(chosen.flatMap((suite) => suite.needs)));
    results = await runSuites();
    return 0;
  });
  const neverRan = chosen.length - results.length;
  const passed = sum(results, 'passed');
  const failed = sum(results, 'failed') + neverRan;
  process.stdout.write(`\n${summary(results)}\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function setUp(needs) {
  await installDependencies();
  if (needs.has('library')) await installLlamaLibrary();
  if (needs.has('bundles')) await buildBundles();
  const models = needs.has('models') ? [testModelName, await defaultModelName()] : [];
  await installMissingPackages(needs, models);
  for (const model of models) await fetchModel(model);
  if (needs.has('browser')) await ensureTestBrowser();
  if (needs.has('editor')) await ensureEditorRig();
}

/** All that the steps after it would ask for, at once: whoever has to type the command types one. */
async function installMissingPackages(needs, models) {
  const missing = [
    ...(await missingModelPackages(models)),
    ...(needs.has('sandbox') ? await missingSandboxPackages() : []),
    ...(needs.has('browser') ? await missingBrowserPackages() : []),
    ...(needs.has('editor') ? await missingEditorPackages() : []),
  ];
  await step('System packages', {
    findDone: async () => (missing.length === 0 ? 'none is missing' : null),
    doing: `installing ${missing.join(', ')}`,
    work: async () => {
      await installDebianPackages(missing, 'the tests');
      return missing.join(', ');
    },
  });
}

/** Checks and tests without a model or a browser two at a time, since each keeps one core busy; the others alone. */
async function runSuites() {
  const isLight = (suite) =>
    suite.kind === 'check' || suite.needs.every((need) => ['sandbox', 'bundles'].includes(need));
  const waiting = chosen.filter(isLight);
  const results = [];
  const worker = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      results.push(await runSuite(suite, { show: false }));
    }
  };
  await Promise.all([worker(), worker()]);
  for (const suite of chosen.filter((suite) => !isLight(suite))) {
    results.push(await runSuite(suite, { show: true }));
  }
  return results;
}

function summary(results) {
  return results
    .map(({ name, passed, failed, problems, seconds }) => {
      const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
      const row = `${name.padEnd(12)}${counts} ${seconds.toFixed(1).padStart(8)} s`;
      return [row, ...problems.map((problem) => `    ${problem}`)].join('\n');
    })
    .join('\n');
}

function sum(results, key) {
  return results.reduce((total, result) => total + result[key], 0);
}
