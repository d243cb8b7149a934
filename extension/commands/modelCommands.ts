import * as vscode from 'vscode';
import larger from '../../protocol/largerModel.json' with { type: 'json' };
import type { FetchProgress } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';
import { currentSettings, updateSetting } from '../config/configuration.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import { progressStep } from './fetchProgress.ts';
import { modelItem, serverItem } from './modelItem.ts';
import { modelUses, type ModelUse } from './modelUses.ts';
import { addServer, type ServerDependencies, useServer } from './serverCommands.ts';

interface ModelPick extends vscode.QuickPickItem {
  choose(): Promise<void>;
}

/** Lets the user pick a model and what it is for, fetches it where needed, loads it, and keeps the choice in the settings. */
export async function chooseModel(
  connection: SidecarConnection,
  dependencies: ServerDependencies,
): Promise<void> {
  const models = await connection.request('entropane/models/list', null);
  const serving = currentSettings().sidecar;
  const items: readonly ModelPick[] = [
    ...models.map((model) => ({
      ...modelItem(model, serving),
      choose: () => useModel(connection, model.name, { isHere: model.path !== null }),
    })),
    ...dependencies.servers.all.map(({ address }) => ({
      ...serverItem(address, serving),
      choose: () => useServer(connection, dependencies, address),
    })),
    { label: '$(folder-opened) A GGUF file…', choose: () => useModelFile(connection) },
    { label: '$(add) A server…', choose: () => addServer(connection, dependencies) },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Choose Model',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  await chosen?.choose();
}

async function useModelFile(connection: SidecarConnection): Promise<void> {
  const path = await pickModelFile();
  if (path !== null) await useModel(connection, path);
}

/** Asks what a model is for, and has it serve that. */
async function useModel(
  connection: SidecarConnection,
  model: string,
  { isHere }: { readonly isHere: boolean } = { isHere: true },
): Promise<void> {
  const use = await vscode.window.showQuickPick<vscode.QuickPickItem & ModelUse>(
    modelUses(model, currentSettings().sidecar),
    { title: `Use ${model} for` },
  );
  if (use === undefined) return;
  if (!isHere) await fetchWithProgress(connection, model);
  // First, so that a model that completions keep is not let go of in between.
  await keep('completionModel', use.completionModel);
  await serve(connection, use.model);
}

/** Fetches the models of the settings, with visible progress that can be cancelled and taken up again. */
export async function fetchModel(connection: SidecarConnection): Promise<void> {
  const { model, completionModel } = currentSettings().sidecar;
  // A server has its own.
  if (!isServerModel(model)) await fetchWithProgress(connection, model);
  const models = await connection.request('entropane/models/list', null);
  const isToFetch = models.some(({ name, path }) => name === completionModel && path === null);
  if (isToFetch) await fetchWithProgress(connection, completionModel);
  await serve(connection, model);
}

/**
 * Fetches the larger model that was measured with this product, which answers better where the machine is fast enough. Asks
 * first what it is to be used for: nothing is chosen before that.
 */
export async function fetchLargerModel(connection: SidecarConnection): Promise<void> {
  const models = await connection.request('entropane/models/list', null);
  const isHere = models.some(({ name, path }) => name === larger.name && path !== null);
  await useModel(connection, larger.name, { isHere });
}

async function fetchWithProgress(connection: SidecarConnection, model: string): Promise<void> {
  let last: FetchProgress | null = null;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Fetching ${model}`, cancellable: true },
    (progress, token) =>
      connection.fetchModel(
        model,
        (reports) => {
          for (const report of reports) {
            progress.report(progressStep(last, report));
            last = report;
          }
        },
        token,
      ),
  );
}

async function serve(connection: SidecarConnection, model: string): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Loading ${model}` },
    () => connection.request('entropane/models/choose', { model }),
  );
  await keep('model', model);
}

async function keep(key: 'model' | 'completionModel', value: string): Promise<void> {
  if (currentSettings().sidecar[key] !== value) await updateSetting(key, value);
}

async function pickModelFile(): Promise<string | null> {
  const files = await vscode.window.showOpenDialog({
    title: 'Choose a Model File',
    openLabel: 'Use This Model',
    filters: { 'GGUF models': ['gguf'] },
  });
  return files?.[0]?.fsPath ?? null;
}
