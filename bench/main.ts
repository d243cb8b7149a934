import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { defineCommand, jsonOption, numberOption, UsageError } from '../sidecar/cli/command.ts';
import { runCommand } from '../sidecar/cli/runCommand.ts';
import { processTerminal } from '../sidecar/cli/terminal.ts';
import { createLlamaEngine } from '../sidecar/engine/llama/llamaEngine.ts';
import { llamaVersion } from '../sidecar/engine/llama/libraryLocation.ts';
import { openMachineStore } from '../sidecar/models/machineStore.ts';
import { defaultSettings } from '../sidecar/settings.ts';
import { systemClock } from '../sidecar/trace/clock.ts';
import {
  buildLlamaTools,
  builtToolsFolder,
  findLlamaTools,
  type LlamaToolPaths,
} from './baselines/llamaCppTools.ts';
import { benchmarksDocument, collectReports } from './benchmarksDocument.ts';
import { cacheFolder } from './cacheFolder.ts';
import { describeMachine } from './machineDescription.ts';
import { toJson, toMarkdown, type Report } from './report.ts';
import { batchSuite } from './suites/batchSuite.ts';
import { cacheSuite } from './suites/cacheSuite.ts';
import { cancelSuite } from './suites/cancelSuite.ts';
import { decodeSuite } from './suites/decodeSuite.ts';
import { prefillSuite } from './suites/prefillSuite.ts';
import { speculationSuite } from './suites/speculationSuite.ts';
import type { Suite } from './suites/suite.ts';

const suites: readonly Suite[] = [
  decodeSuite,
  prefillSuite,
  batchSuite,
  cacheSuite,
  cancelSuite,
  speculationSuite,
];
const suiteNames = suites.map(({ name }) => name);
const defaultRounds = 5;

/** The bundles lie beside this one, and their folder in the checkout. */
const bundleFolder = dirname(realpathSync(process.argv[1] ?? '.'));
const documentPath = resolve(bundleFolder, '../docs/BENCHMARKS.md');
const cachePath = cacheFolder(process.env);
/** Every run leaves a folder of reports here, unless it is told another place. */
const reportsFolder = join(cachePath, 'bench');

const benchCommand = defineCommand({
  name: 'bench',
  summary:
    'Measure the engine in alternating pairs; "report" writes docs/BENCHMARKS.md from what was measured',
  usage: `bench [report | ${suiteNames.join(' | ')}]… [options]`,
  options: {
    model: { type: 'string', placeholder: 'NAME', description: 'Catalogue name, or path of a GGUF file' },
    threads: {
      type: 'string',
      placeholder: 'N',
      description: 'Threads of both sides; all cores unless given',
    },
    rounds: {
      type: 'string',
      placeholder: 'N',
      description: `Pairs per figure; ${defaultRounds} unless given`,
    },
    'llama-bench': {
      type: 'string',
      placeholder: 'PATH',
      description: "The llama-bench to compare with; llama.cpp's other programs are looked for beside it",
    },
    'build-tools': {
      type: 'boolean',
      description: "Build llama.cpp's programs once when they are not at hand",
    },
    output: { type: 'string', placeholder: 'FOLDER', description: 'Where the reports go' },
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals[0] === 'report') {
      if (positionals.length > 1) throw new UsageError('"report" takes nothing behind it.');
      await writeDocument();
      terminal.print(
        values.json === true ? JSON.stringify({ type: 'result', path: documentPath }) : documentPath,
      );
      return 0;
    }
    const chosen = chooseSuites(positionals);
    const threads = numberOption(values.threads, 'threads', { min: 1, max: 512, whole: true });
    const rounds = numberOption(values.rounds, 'rounds', { min: 1, max: 100, whole: true }) ?? defaultRounds;
    const tools = await findTools(values, signal);
    const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
    const model = await store.resolve(values.model ?? defaultSettings.model);
    const engine = createLlamaEngine({ bundleFolder });
    const date = systemClock.date().toISOString();
    const folder = resolve(values.output ?? join(reportsFolder, date.replaceAll(':', '-')));
    try {
      for (const suite of chosen) {
        terminal.note(`${suite.name}: ${suite.summary.toLowerCase()} …`);
        const context = {
          engine,
          modelPath: model.path,
          threads: threads ?? availableParallelism(),
          rounds,
          tools,
          signal,
        };
        const { figures, setup, notes, backend } = await suite.run(context);
        const report: Report = {
          suite: suite.name,
          date,
          machine: describeMachine({ llamaVersion, backend }),
          setup: { model: model.name, threads: context.threads, ...setup },
          figures,
          notes,
        };
        await writeReport(folder, report);
        terminal.print(
          values.json === true ? JSON.stringify({ ...report, type: 'suite' }) : toMarkdown(report),
        );
      }
    } finally {
      await engine.dispose();
    }
    if (values.json === true) terminal.print(JSON.stringify({ type: 'result', folder }));
    else terminal.note(`Reports are in ${folder}`);
    return 0;
  },
});

function chooseSuites(names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return suites;
  return names.map((name) => {
    const suite = suites.find((candidate) => candidate.name === name);
    if (suite !== undefined) return suite;
    throw new UsageError(`There is no suite "${name}"; there are ${suiteNames.join(', ')}.`);
  });
}

async function findTools(
  values: { readonly 'llama-bench'?: string; readonly 'build-tools'?: boolean },
  signal: AbortSignal,
): Promise<LlamaToolPaths> {
  const given = values['llama-bench'];
  if (given !== undefined) return { ...(await findLlamaTools(dirname(given))), 'llama-bench': given };
  const folder = builtToolsFolder(cachePath);
  const found = await findLlamaTools(folder);
  if (values['build-tools'] !== true || !Object.values(found).includes(null)) return found;
  await buildLlamaTools(folder, bundleFolder, signal);
  return findLlamaTools(folder);
}

async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.suite}.json`), toJson(report));
  await writeFile(join(folder, `${report.suite}.md`), toMarkdown(report));
}

async function writeDocument(): Promise<void> {
  const reports = await collectReports(reportsFolder);
  if (reports.length === 0) {
    throw new UsageError(`There is no report in ${reportsFolder} yet: measure something first.`);
  }
  await writeFile(documentPath, benchmarksDocument(reports, suiteNames));
}

function main(): Promise<number> {
  const terminal = processTerminal(process);
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  return runCommand(benchCommand, process.argv.slice(2), terminal, interruption.signal);
}

void main().then((exitCode) => {
  process.exitCode = exitCode;
});
