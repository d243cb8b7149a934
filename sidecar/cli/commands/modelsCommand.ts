import { realpath } from 'node:fs/promises';
import type { ModelPace } from '../../../protocol/health.ts';
import { type MeasuredSpeeds, paceOf, steadySteps } from '../../engine/speeds/measuredSpeeds.ts';
import { adviseMachine } from '../../modelHosting/machineAdvice.ts';
import { measureFile } from '../measureFile.ts';
import { openTrialRecords } from '../../modelHosting/machineTrials.ts';
import { findInCatalogue } from '../../models/catalogue.ts';
import { formatBytes } from '../../models/byteText.ts';
import { openMachineStore } from '../../models/machineStore.ts';
import { outlookOf } from '../../models/modelAdvice.ts';
import type { ModelStore, Verification } from '../../models/modelStore.ts';
import type { TrialRecords } from '../../models/trialRecords.ts';
import { systemClock } from '../../process/clock.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defineCommand, jsonOption, storeOption, UsageError } from '../command.ts';
import { isUnchecked, modelTable, sizeText } from '../drawing/modelTable.ts';
import { FetchProgressView } from '../drawing/fetchProgressView.ts';
import { printServerModels } from '../serverModels.ts';
import { serverOf, serverOptions } from '../serverOptions.ts';
import type { Terminal } from '../terminal.ts';

const actions = ['list', 'fetch', 'measure', 'verify', 'remove', 'release'] as const;

interface ActionContext {
  readonly store: ModelStore;
  readonly trials: TrialRecords;
  readonly terminal: Terminal;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** `entropane models`: what is in the store, and how it gets there. Runs in this process, without a sidecar. */
export const modelsCommand = defineCommand({
  name: 'models',
  summary: 'List, fetch, measure, verify or remove models, list those of a server, or let one be tried again',
  usage: 'models [list | fetch [NAME] | measure [NAME] | verify [NAME] | remove NAME | release FILE]',
  options: {
    ...serverOptions,
    ...storeOption,
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    const [word = 'list', name, ...rest] = positionals;
    const action = actions.find((candidate) => candidate === word);
    if (action === undefined)
      throw new UsageError(`"models" takes one of ${actions.join(', ')}, not "${word}".`);
    if (rest.length > 0) throw new UsageError(`"models ${action}" takes one name at most.`);
    const server = await serverOf(values, terminal);
    if (server !== null) {
      if (action !== 'list' || name !== undefined) throw new UsageError('--server goes with "models list".');
      return printServerModels(server, { terminal, isJson: values.json === true }, signal);
    }
    const location = {
      storePath: values.store ?? defaultSettings.storePath,
      environment: process.env,
      clock: systemClock,
    };
    const store = openMachineStore(location);
    const trials = openTrialRecords(location);
    const context: ActionContext = { store, trials, terminal, isJson: values.json === true, signal };
    switch (action) {
      case 'list':
        if (name !== undefined) throw new UsageError('"models list" takes no name.');
        return list(context);
      case 'fetch':
        return fetchOne(context, name ?? defaultSettings.model);
      case 'measure':
        return measure(context, name ?? defaultSettings.model);
      case 'verify':
        return verify(context, name ?? null);
      case 'remove':
        if (name === undefined) throw new UsageError('"models remove" takes the name of a model.');
        return remove(context, name);
      case 'release':
        if (name === undefined)
          throw new UsageError('"models release" takes the name or the path of a file.');
        return release(context, name);
    }
  },
});

async function list({ store, terminal, isJson }: ActionContext): Promise<number> {
  const models = await store.list();
  const { judged, advice, memoryBytes } = await adviseMachine(models);
  const outlooks = models.map((_model, index) => outlookOf(judged[index] ?? null, memoryBytes));
  if (isJson) {
    for (const [index, model] of models.entries())
      printJson(terminal, { type: 'model', ...model, outlook: outlooks[index] });
    const { questions, completions, text } = advice;
    const recommendation = { questions, completions, text };
    printJson(terminal, { type: 'result', folder: store.folder, count: models.length, recommendation });
    return 0;
  }
  for (const line of modelTable(models, outlooks, advice)) terminal.print(line);
  const notes = [
    ...(outlooks.some(({ pace, isMeasured }) => pace !== null && !isMeasured) ? [estimateHint] : []),
    ...(models.some(isUnchecked) ? [uncheckedHint] : []),
    ...(advice.text === '' ? [unmeasuredHint] : [advice.text]),
    `Kept in ${store.folder}`,
  ];
  terminal.print(`\n${notes.join('\n')}`);
  return 0;
}

const estimateHint = '≈: estimated from the models that were measured on this machine.';
const unmeasuredHint =
  'No model was measured on this machine yet: "entropane models measure" does that, and an editor while it is idle.';
const uncheckedHint =
  'unchecked: nobody has compared the file with its SHA-256 here. "entropane models verify" does that.';

async function fetchOne(context: ActionContext, name: string): Promise<number> {
  const { store, terminal, isJson, signal } = context;
  if (!isJson) terminal.note(licenceNote(name));
  const model = await withProgress(name, terminal, (view) =>
    store.fetch(
      name,
      (progress) => {
        if (isJson) printJson(terminal, { type: 'progress', ...progress });
        else view.show(progress);
      },
      signal,
    ),
  );
  if (isJson) printJson(terminal, { type: 'result', model });
  else terminal.print(`${model.name} is ready: ${model.path ?? ''} (${sizeText(model)})`);
  return 0;
}

/** Said before anything is downloaded. */
function licenceNote(name: string): string {
  const licence = findInCatalogue(name)?.license ?? null;
  return licence === null
    ? `The licence of ${name} is not known here: its page on the hub says it.`
    : `The licence of ${name} is ${licence}.`;
}

/** Loads a model, measures what is not known of its speed yet, and says how fast it is. */
async function measure({ store, terminal, isJson, signal }: ActionContext, name: string): Promise<number> {
  const file = await store.resolve(name);
  const speeds = await measureFile(file, { bundleFolder: __dirname, log: terminal.note }, signal);
  const pace = paceOf(speeds);
  if (isJson) printJson(terminal, { type: 'result', name: file.name, pace, speeds });
  // Where nothing was measured, the notes have said why.
  else if (pace !== null) terminal.print(`${file.name} ${speedText(pace, speeds)}`);
  return pace === null ? 1 : 0;
}

function speedText(pace: ModelPace, speeds: MeasuredSpeeds): string {
  const most = steadySteps(speeds)?.findLast(({ tokens }) => tokens <= 8);
  const { loadedBytes } = speeds;
  return [
    `reads ${Math.round(pace.prefillTokensPerSecond)} tok/s`,
    `writes ${Math.round(pace.decodeTokensPerSecond)} tok/s`,
    ...(most === undefined || most.tokens === 1
      ? []
      : [`${most.tokens} texts at once ${Math.round((1000 * most.tokens) / most.durationMs)} tok/s`]),
    ...(loadedBytes === null ? [] : [`took ${formatBytes(loadedBytes)} when it was loaded`]),
  ].join(', ');
}

/** Takes the progress away again, however the work ends. */
async function withProgress<T>(
  name: string,
  terminal: Terminal,
  work: (view: FetchProgressView) => Promise<T>,
): Promise<T> {
  const view = new FetchProgressView(name, terminal, systemClock);
  try {
    return await work(view);
  } finally {
    view.end();
  }
}

async function verify(context: ActionContext, name: string | null): Promise<number> {
  const { store, terminal, isJson, signal } = context;
  const names = name === null ? await installedNames(store) : [name];
  let wrongCount = 0;
  for (const each of names) {
    const checked = await withProgress(each, terminal, (view) =>
      store.verify(
        each,
        (progress) => {
          if (!isJson) view.show(progress);
        },
        signal,
      ),
    );
    if (isWrong(checked)) wrongCount += 1;
    if (isJson) printJson(terminal, { type: 'verification', ...checked, isRight: !isWrong(checked) });
    else terminal.print(verificationText(checked));
  }
  if (isJson) printJson(terminal, { type: 'result', count: names.length, wrongCount });
  else if (names.length === 0) terminal.print(`No model is in ${store.folder}`);
  return wrongCount === 0 ? 0 : 1;
}

async function installedNames(store: ModelStore): Promise<readonly string[]> {
  return (await store.list()).filter((model) => model.path !== null).map((model) => model.name);
}

function isWrong({ sha256, expectedSha256 }: Verification): boolean {
  return expectedSha256 !== null && expectedSha256 !== sha256;
}

function verificationText(checked: Verification): string {
  const { name, sha256, expectedSha256 } = checked;
  if (expectedSha256 === null) return `${name}: SHA-256 ${sha256}; the catalogue has none to compare with`;
  if (!isWrong(checked)) return `${name}: right (SHA-256 ${sha256})`;
  return `${name}: wrong, SHA-256 ${sha256} and not ${expectedSha256}. Run "entropane models fetch ${name}".`;
}

async function remove({ store, terminal, isJson }: ActionContext, name: string): Promise<number> {
  await store.remove(name);
  if (isJson) printJson(terminal, { type: 'result', removed: name });
  else terminal.print(`${name} is removed from ${store.folder}`);
  return 0;
}

/** Forgets the trial loads of a file, so that the next load tries it again. */
async function release({ store, trials, terminal, isJson }: ActionContext, name: string): Promise<number> {
  const { path } = await store.resolve(name);
  const count = await trials.release(await realpath(path));
  if (isJson) printJson(terminal, { type: 'result', released: path, count });
  else if (count === 0) terminal.print(`Nothing is known of trial loads of ${path}`);
  else terminal.print(`${path} is tried again when it is loaded next`);
  return 0;
}

function printJson(terminal: Terminal, value: object): void {
  terminal.print(JSON.stringify(value));
}
