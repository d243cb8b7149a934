import * as vscode from 'vscode';
import type { FetchProgress, InstalledModel } from '../../protocol/messages.ts';
import { currentSettings, updateSetting } from '../config/configuration.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import { progressStep } from './fetchProgress.ts';

interface ModelPick extends vscode.QuickPickItem {
  /** Null for the entry that opens a file dialog. */
  readonly model: InstalledModel | null;
}

/** Lets the user pick a model, fetches it where needed, loads it, and keeps the choice in the settings. */
export async function chooseModel(connection: SidecarConnection): Promise<void> {
  const models = await connection.request('entropane/models/list', null);
  const serving = currentSettings().sidecar.model;
  const items: readonly ModelPick[] = [
    ...models.map((model) => modelItem(model, serving)),
    { label: '$(folder-opened) A GGUF file…', model: null },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Choose Model',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen === undefined) return;
  if (chosen.model === null) {
    const path = await pickModelFile();
    if (path !== null) await serve(connection, path);
    return;
  }
  if (chosen.model.path === null) await fetchWithProgress(connection, chosen.model.name);
  await serve(connection, chosen.model.name);
}

/** Fetches the model of the settings, with visible progress that can be cancelled and taken up again. */
export async function fetchModel(connection: SidecarConnection): Promise<void> {
  const { model } = currentSettings().sidecar;
  await fetchWithProgress(connection, model);
  await serve(connection, model);
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
  if (currentSettings().sidecar.model !== model) await updateSetting('model', model);
}

async function pickModelFile(): Promise<string | null> {
  const files = await vscode.window.showOpenDialog({
    title: 'Choose a Model File',
    openLabel: 'Use This Model',
    filters: { 'GGUF models': ['gguf'] },
  });
  return files?.[0]?.fsPath ?? null;
}

function modelItem(model: InstalledModel, serving: string): ModelPick {
  const icon = model.path === null ? '$(cloud-download)' : '$(check)';
  const size = `${Math.round(model.sizeBytes / 1e6)} MB`;
  const state = model.path === null ? `to fetch, ${size}` : size;
  const mark = model.name === serving ? ', in use' : '';
  const license = model.license === null ? '' : ` · ${model.license}`;
  return {
    label: `${icon} ${model.name}`,
    description: `${state}${mark}`,
    detail: `${model.description}${license}`,
    model,
  };
}
