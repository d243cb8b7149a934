import { realpathSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  choiceOption,
  defineCommand,
  jsonOption,
  numberOption,
  type OptionValues,
  UsageError,
} from '../../sidecar/cli/command.ts';
import { commandLineTrials } from '../../sidecar/cli/commandLineTrials.ts';
import type { DraftRequest } from '../../sidecar/engine/engine.ts';
import type { Terminal } from '../../sidecar/cli/terminal.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { machineStorePath, openMachineStore } from '../../sidecar/models/machineStore.ts';
import type { ModelFile, ModelStore } from '../../sidecar/models/modelStore.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { defaultSettings } from '../../sidecar/validation/sidecarSettings.ts';
import {
  buildLlamaTools,
  builtToolsFolder,
  findLlamaTools,
  type LlamaToolPaths,
} from './baselines/llamaCppTools.ts';
import { benchmarksDocument, plotsFolderOf, writeDocument } from './benchmarksDocument.ts';
import { cacheFolder } from './cacheFolder.ts';
import { editOptions } from './edits/editFlags.ts';
import { infillOptions, infillOptionSpecs } from './infill/infillFlags.ts';
import { reasoningOptions, reasoningOptionSpecs } from './reasoning/reasoningFlags.ts';
import { toMarkdown } from './report.ts';
import { collectReports, writeReport } from './reportFiles.ts';
import { mixTables, readRequestMix } from './requestMix.ts';
import { readRuleCounts, ruleTable } from './ruleCounts.ts';
import { includedBy, runSuite, type SuiteRun } from './suiteRun.ts';
import { batchSuite } from './suites/batchSuite.ts';
import { cacheSuite } from './suites/cacheSuite.ts';
import { cancelSuite } from './suites/cancelSuite.ts';
import { decodeSuite } from './suites/decodeSuite.ts';
import { editsSuite } from './suites/editsSuite.ts';
import { infillSuite } from './suites/infillSuite.ts';
import { layerSkipSuite } from './suites/layerSkipSuite.ts';
import { memorySuite } from './suites/memorySuite.ts';
import { mirrorSuite } from './suites/mirrorSuite.ts';
import { prefillSuite } from './suites/prefillSuite.ts';
import { reasoningSuite } from './suites/reasoningSuite.ts';
import { serverSuite } from './suites/serverSuite.ts';
import { speculationSuite } from './suites/speculationSuite.ts';
import type { Suite } from './suites/suite.ts';
import { typingSuite } from './suites/typingSuite.ts';
import { valueSuite } from './suites/valueSuite.ts';

const suites: readonly Suite[] = [
  decodeSuite,
  prefillSuite,
  batchSuite,
  cacheSuite,
  cancelSuite,
  speculationSuite,
  layerSkipSuite,
  mirrorSuite,
  memorySuite,
  serverSuite,
  infillSuite,
  typingSuite,
  editsSuite,
  reasoningSuite,
  valueSuite,
];
const defaultPromptsPerCategory = 4;
const suiteNames = suites.map(({ name }) => name);

/** The bundles lie beside this one, and their folder in the checkout. */
const bundleFolder = dirname(realpathSync(process.argv[1] ?? '.'));
const documentPath = resolve(bundleFolder, '../docs/BENCHMARKS.md');
const cachePath = cacheFolder(process.env);
/** Every run writes a folder of reports here, unless `--output` names another place. */
const reportsFolder = join(cachePath, 'bench');
/** Test sets are looked for here, unless a run names another place. */
const dataPath = join(cachePath, 'data');

/** `entropane bench`: measures in alternating pairs, and writes the document of what was measured. */
export const benchCommand = defineCommand({
  name: 'bench',
  summary:
    'Measure the engine in alternating pairs; "report" writes docs/BENCHMARKS.md from what was measured',
  usage: `bench [report | rules [FILE]… | mix [STORE] | ${suiteNames.join(' | ')}]… [options]`,
  options: {
    model: {
      type: 'string',
      placeholder: 'NAME',
      multiple: true,
      description: 'Catalogue name, or path of a GGUF file; several are measured one after another',
    },
    threads: {
      type: 'string',
      placeholder: 'N',
      description: 'Threads of both sides; all cores unless given',
    },
    rounds: {
      type: 'string',
      placeholder: 'N',
      description: 'Pairs per figure; each suite has its own default',
    },
    only: {
      type: 'string',
      placeholder: 'PART',
      multiple: true,
      description: `Parts of the suite: ${suites.flatMap(({ parts }) => parts).join(', ')}`,
    },
    data: {
      type: 'string',
      placeholder: 'FOLDER',
      description: 'Test sets that some figures are measured on; a suite says which file it misses',
    },
    prompts: {
      type: 'string',
      placeholder: 'N',
      description: `Prompts of each category of a test set; ${defaultPromptsPerCategory} unless given`,
    },
    ...reasoningOptionSpecs,
    ...infillOptionSpecs,
    'question-model': {
      type: 'string',
      placeholder: 'NAME',
      description:
        'A model that answers questions beside the one under test; the parts question and bothModels need it',
    },
    draft: {
      type: 'string',
      placeholder: 'SOURCE=NAME',
      multiple: true,
      description: 'A model that may draft: draftModel=NAME, or layerSkip=FILE for a pruned copy',
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
    output: {
      type: 'string',
      placeholder: 'FOLDER',
      description: 'Where the reports go, and where "report" looks for them; earlier ones there stay',
    },
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals[0] === 'report') {
      if (positionals.length > 1) throw new UsageError('"report" takes no further words.');
      await writeReportedDocument(resolve(values.output ?? reportsFolder));
      terminal.print(
        values.json === true ? JSON.stringify({ type: 'result', path: documentPath }) : documentPath,
      );
      return 0;
    }
    if (positionals[0] === 'rules') {
      const counts = await readRuleCounts([resolve(values.data ?? dataPath), ...positionals.slice(1)]);
      if (values.json === true) terminal.print(JSON.stringify({ type: 'result', counts }));
      else for (const line of ruleTable(counts)) terminal.print(line);
      return 0;
    }
    if (positionals[0] === 'mix') {
      await printMix(positionals.slice(1), values, terminal);
      return 0;
    }
    const dataFolder = await findDataFolder(values.data, positionals);
    const chosen = chooseSuites(positionals, dataFolder !== null);
    const only = values.only ?? [];
    refuseUnknownParts(only, chosen);
    const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
    const date = systemClock.date().toISOString();
    const settings: Omit<SuiteRun, 'model'> = {
      threads: numberOption(values.threads, 'threads', { min: 1, max: 512, whole: true }),
      rounds: numberOption(values.rounds, 'rounds', { min: 1, max: 100, whole: true }),
      promptsPerCategory:
        numberOption(values.prompts, 'prompts', { min: 1, max: 1000, whole: true }) ??
        defaultPromptsPerCategory,
      dataFolder,
      ...optionsOfSuites(values),
      ...(await modelsBeside(values, store)),
      only,
      tools: await findTools(
        { ...values, areUsed: chosen.some(({ usesTools }) => usesTools === true) },
        signal,
      ),
      note: terminal.note,
      bundleFolder,
      trials: commandLineTrials(bundleFolder),
      date,
    };
    const folder = resolve(values.output ?? join(reportsFolder, date.replaceAll(':', '-')));
    const models = await findModels(values.model ?? [defaultSettings.model], store);
    for (const suite of chosen) await suite.checkFiles?.({ ...settings, includes: includedBy(only, suite) });
    for (const model of models) {
      for (const suite of chosen) {
        const report = await runSuite(suite, { ...settings, model }, signal);
        await writeReport(folder, report);
        terminal.print(
          values.json === true ? JSON.stringify({ ...report, type: 'suite' }) : toMarkdown(report, null),
        );
      }
    }
    if (values.json === true) terminal.print(JSON.stringify({ type: 'result', folder }));
    else terminal.note(`Reports are in ${folder}`);
    return 0;
  },
});

/** What single suites take; each keeps its answers in a folder of its own. */
function optionsOfSuites(
  values: OptionValues<typeof reasoningOptionSpecs & typeof infillOptionSpecs>,
): Pick<SuiteRun, 'reasoning' | 'infill' | 'edits' | 'servingFolder'> {
  const storePath = machineStorePath({ storePath: '', environment: process.env });
  return {
    reasoning: reasoningOptions(values, { rawFolder: join(cachePath, 'reasoning'), storePath }),
    infill: infillOptions(values, join(cachePath, 'infill')),
    edits: editOptions(values, join(cachePath, 'edits')),
    servingFolder: join(cachePath, 'server'),
  };
}

/** Models that are loaded beside the one under test. */
async function modelsBeside(
  values: { readonly draft?: readonly string[]; readonly 'question-model'?: string },
  store: ModelStore,
): Promise<Pick<SuiteRun, 'drafts' | 'questionModel'>> {
  const name = values['question-model'];
  const questionModel = name === undefined ? null : (await store.resolve(name)).path;
  const drafts = await Promise.all((values.draft ?? []).map((text) => draftRequest(text, store)));
  return { drafts, questionModel };
}

/** All of them, before the first suite is announced: it may take minutes until the last one's turn. */
async function findModels(names: readonly string[], store: ModelStore): Promise<readonly ModelFile[]> {
  const models = await Promise.all(names.map((name) => store.resolve(name)));
  for (const { path } of models) await checkModelFile(path);
  return models;
}

const draftSources = ['draftModel', 'layerSkip'] as const satisfies readonly DraftRequest['source'][];

/** `SOURCE=NAME` as the option gives it. */
async function draftRequest(text: string, store: ModelStore): Promise<DraftRequest> {
  const [, sourceText, name] = /^(\w+)=(.+)$/.exec(text) ?? [];
  const source = choiceOption(sourceText, 'draft', draftSources);
  if (source !== undefined && name !== undefined) return { source, path: (await store.resolve(name)).path };
  throw new UsageError(`--draft takes draftModel=NAME or layerSkip=FILE, not "${text}".`);
}

/** Those that are named, or all that have what they need. */
function chooseSuites(names: readonly string[], hasData: boolean): readonly Suite[] {
  if (names.length === 0) return suites.filter(({ needsData }) => hasData || needsData !== true);
  return names.map((name) => {
    const suite = suites.find((candidate) => candidate.name === name);
    if (suite?.needsData === true && !hasData)
      throw new UsageError(
        `${name} needs the folder that its test sets lie in: give it with --data, or put them into ${dataPath}.`,
      );
    if (suite !== undefined) return suite;
    throw new UsageError(`There is no suite "${name}"; there are ${suiteNames.join(', ')}.`);
  });
}

function refuseUnknownParts(names: readonly string[], chosen: readonly Suite[]): void {
  const known = chosen.flatMap(({ parts }) => parts);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`There is no part "${unknown}" in what was chosen; there are ${known.join(', ')}.`);
}

/** The folder of test sets that was named; else, for suites that were and have nothing to measure without, the usual one. */
async function findDataFolder(
  named: string | undefined,
  suiteNames: readonly string[],
): Promise<string | null> {
  if (named !== undefined) return resolve(named);
  if (!suites.some(({ name, needsData }) => needsData === true && suiteNames.includes(name))) return null;
  const isThere = await access(dataPath).then(
    () => true,
    () => false,
  );
  return isThere ? dataPath : null;
}

async function findTools(
  values: {
    readonly 'llama-bench'?: string;
    readonly 'build-tools'?: boolean;
    /** What no suite compares with is not built. */
    readonly areUsed: boolean;
  },
  signal: AbortSignal,
): Promise<LlamaToolPaths> {
  const given = values['llama-bench'];
  if (given !== undefined) return { ...(await findLlamaTools(dirname(given))), 'llama-bench': given };
  const folder = builtToolsFolder(cachePath);
  const found = await findLlamaTools(folder);
  if (values['build-tools'] !== true || !values.areUsed || !Object.values(found).includes(null)) return found;
  await buildLlamaTools(folder, bundleFolder, signal);
  return findLlamaTools(folder);
}

/** What requests were made of, in the store that is named or else this machine's. */
async function printMix(
  words: readonly string[],
  { json }: { readonly json?: boolean },
  { print, note }: Pick<Terminal, 'print' | 'note'>,
): Promise<void> {
  const [storePath = machineStorePath({ storePath: '', environment: process.env }), ...more] = words;
  if (more.length > 0) throw new UsageError('"mix" takes one folder, a store.');
  const mix = await readRequestMix(resolve(storePath), note);
  if (json === true) print(JSON.stringify({ type: 'result', ...mix }));
  else for (const line of mixTables(mix)) print(line);
}

async function writeReportedDocument(folder: string): Promise<void> {
  const reports = await collectReports(folder);
  if (reports.length === 0) {
    throw new UsageError(`There is no report in ${folder} yet: measure something first.`);
  }
  const plotsFolder = basename(plotsFolderOf(documentPath));
  await writeDocument(documentPath, benchmarksDocument(reports, { suiteNames, plotsFolder }));
}
