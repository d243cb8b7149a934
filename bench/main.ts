import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { realpathSync } from 'node:fs';
import { defineCommand, jsonOption, numberOption, UsageError } from '../sidecar/cli/command.ts';
import { runCommand } from '../sidecar/cli/runCommand.ts';
import { processTerminal } from '../sidecar/cli/terminal.ts';
import { createLlamaEngine } from '../sidecar/engine/llama/llamaEngine.ts';
import { llamaVersion } from '../sidecar/engine/llama/libraryLocation.ts';
import { openMachineStore } from '../sidecar/models/machineStore.ts';
import { defaultSettings } from '../sidecar/settings.ts';
import { systemClock } from '../sidecar/trace/clock.ts';
import { buildLlamaTools, findLlamaTool } from './baselines/llamaCppTools.ts';
import { cacheFolder } from './cacheFolder.ts';
import { describeMachine } from './machineDescription.ts';
import { toJson, toMarkdown, type Report } from './report.ts';
import { batchSuite } from './suites/batchSuite.ts';
import { cacheSuite } from './suites/cacheSuite.ts';
import { decodeSuite } from './suites/decodeSuite.ts';
import { speculationSuite } from './suites/speculationSuite.ts';
import type { Suite } from './suites/suite.ts';

const suites: readonly Suite[] = [decodeSuite, batchSuite, cacheSuite, speculationSuite];

/** The bundles lie beside this one. */
const bundleFolder = dirname(realpathSync(process.argv[1] ?? '.'));

const benchCommand = defineCommand({
  name: 'bench',
  summary: 'Measure the engine against llama.cpp and against itself, in alternating pairs',
  usage: `bench [${suites.map(({ name }) => name).join(' | ')}]… [options]`,
  options: {
    model: { type: 'string', placeholder: 'NAME', description: 'Catalogue name, or path of a GGUF file' },
    threads: {
      type: 'string',
      placeholder: 'N',
      description: 'Threads of both sides; all cores unless given',
    },
    rounds: { type: 'string', placeholder: 'N', description: 'Pairs per figure; 5 unless given' },
    'llama-bench': { type: 'string', placeholder: 'PATH', description: 'The llama-bench to compare with' },
    'build-tools': { type: 'boolean', description: 'Build llama-bench once when it is not at hand' },
    output: { type: 'string', placeholder: 'FOLDER', description: 'Where the reports go' },
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    const chosen = chooseSuites(positionals);
    const threads = numberOption(values.threads, 'threads', { min: 1, max: 512, whole: true });
    const rounds = numberOption(values.rounds, 'rounds', { min: 1, max: 100, whole: true }) ?? 5;
    const cachePath = cacheFolder(process.env);
    const llamaBenchPath =
      values['llama-bench'] ??
      (await findLlamaTool('llama-bench', cachePath)) ??
      (values['build-tools'] === true
        ? await buildLlamaTools('llama-bench', cachePath, bundleFolder, signal)
        : null);
    const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
    const model = await store.resolve(values.model ?? defaultSettings.model);
    const engine = createLlamaEngine({ bundleFolder });
    const date = systemClock.date().toISOString();
    const folder = resolve(values.output ?? join(cachePath, 'bench', date.replaceAll(':', '-')));
    try {
      for (const suite of chosen) {
        terminal.note(`${suite.name}: ${suite.summary.toLowerCase()} …`);
        const context = {
          engine,
          modelPath: model.path,
          threads: threads ?? availableParallelism(),
          rounds,
          llamaBenchPath,
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
    throw new UsageError(`There is no suite "${name}"; there are ${suites.map((s) => s.name).join(', ')}.`);
  });
}

async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.suite}.json`), toJson(report));
  await writeFile(join(folder, `${report.suite}.md`), toMarkdown(report));
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
