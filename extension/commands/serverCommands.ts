import * as vscode from 'vscode';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { ServerListing } from '../../protocol/messages.ts';
import { hostOf, serverModelName } from '../../protocol/serverAddress.ts';
import { currentSettings, defaultOf, updateSetting } from '../config/configuration.ts';
import type { AddedServers, ServerGroup } from '../engine/addedServers.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import {
  addressesOf,
  consentText,
  keyPrompt,
  questionsTo,
  readServerGroup,
  servedItem,
  whereText,
  withoutServer,
} from './serverWords.ts';

export interface ServerDependencies {
  readonly servers: AddedServers;
  readonly supervisor: Pick<SidecarSupervisor, 'applyServers'>;
}

/** Asks for a server or several, whether they may be sent to, and their key; has their model answer questions from then on. */
export async function addServer(
  connection: SidecarConnection,
  dependencies: ServerDependencies,
): Promise<void> {
  const { servers } = dependencies;
  const group = await askAddresses();
  if (group === null || !(await agrees(servers, group))) return;
  const key = await askKey(servers, group);
  if (key === undefined) return;
  await addAndUse(connection, { ...dependencies, group, key });
}

/** Has a model of a server that was added answer questions. */
export async function useServer(
  connection: SidecarConnection,
  dependencies: ServerDependencies,
  address: string,
): Promise<void> {
  const { servers } = dependencies;
  const group = servers.find(address) ?? { address, others: [] };
  const known = await servers.keyOf(address);
  const key = known === undefined ? await askKey(servers, group) : known;
  if (key === undefined) return;
  await addAndUse(connection, { ...dependencies, group, key });
}

/** Lets the user pick a server that is not sent to any more. What the settings name of it is replaced by a model of this machine. */
export async function removeServer({ servers, supervisor }: ServerDependencies): Promise<void> {
  const added = servers.all;
  if (added.length === 0) {
    void vscode.window.showInformationMessage('No server was added.');
    return;
  }
  const items = added.map(({ address, others, hasKey }) => ({
    label: address,
    description: hasKey ? 'with a key, which is removed too' : '',
    detail: others.length === 0 ? '' : `and ${others.join(', ')}`,
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Remove Server' });
  if (chosen === undefined) return;
  const left = withoutServer(chosen.label, currentSettings().sidecar, String(defaultOf('model')));
  if (left !== null) {
    await keep('completionModel', left.completionModel);
    await keep('model', left.model);
  }
  await servers.remove(chosen.label);
  await supervisor.applyServers();
}

interface NewServer extends ServerDependencies {
  readonly group: ServerGroup;
  /** Null for none. */
  readonly key: string | null;
}

async function addAndUse(
  connection: SidecarConnection,
  { servers, supervisor, group: { address, others }, key }: NewServer,
): Promise<void> {
  // The message to the engine has it, and messages may be logged.
  if (key !== null) servers.hide(key);
  const listing = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Asking ${hostOf(address)}`, cancellable: true },
    (_progress, token) =>
      connection.request('entropane/servers/look', { address, ...(key !== null && { key }) }, token),
  );
  const modelName = await pickModel(address, listing);
  if (modelName === undefined) return;
  await servers.add({ address, others }, key);
  await supervisor.applyServers();
  const model = serverModelName(address, modelName);
  const choice = questionsTo(model, currentSettings().sidecar);
  // First, so that a model that completions keep is not let go of in between.
  await keep('completionModel', choice.completionModel);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Opening ${hostOf(address)}` },
    () => connection.request('entropane/models/choose', { model }),
  );
  await keep('model', model);
  void vscode.window.showInformationMessage(whereText(model, choice));
}

async function askAddresses(): Promise<ServerGroup | null> {
  const text = await vscode.window.showInputBox({
    title: 'Add Server (1/2)',
    prompt:
      'Address of a llama-server, vLLM, Ollama or other OpenAI-compatible server. ' +
      'Several addresses, with blanks between them, share the requests: servers with the same model and key.',
    placeHolder: 'https://models.example.org or http://127.0.0.1:8080',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? null : complaintAbout(value)),
  });
  return text === undefined || text.trim() === '' ? null : readServerGroup(text);
}

function complaintAbout(text: string): string | null {
  try {
    readServerGroup(text);
    return null;
  } catch (thrown) {
    const { message, remedy } = toCodedError(thrown);
    return `${message} ${remedy}`;
  }
}

/** Asked once for each group of servers. */
async function agrees(servers: AddedServers, group: ServerGroup): Promise<boolean> {
  const known = servers.find(group.address);
  if (known !== undefined && addressesOf(group).every((each) => addressesOf(known).includes(each)))
    return true;
  const add = 'Add Server';
  const chosen = await vscode.window.showWarningMessage(
    `Send questions and code to ${addressesOf(group).map(hostOf).join(', ')}?`,
    { modal: true, detail: consentText(group) },
    add,
  );
  return chosen === add;
}

/** Null for none; undefined where the user went no further. */
async function askKey(servers: AddedServers, { address }: ServerGroup): Promise<string | null | undefined> {
  const known = servers.find(address) === undefined ? null : await servers.keyOf(address);
  const text = await vscode.window.showInputBox({
    title: known === undefined ? `Key of ${hostOf(address)}` : 'Add Server (2/2)',
    prompt: `${keyPrompt(known)} It is kept in the editor's secret storage.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[\x21-\x7e]*$/.test(value.trim()) ? null : 'A key is one word, without blanks or accents.',
  });
  if (text === undefined) return undefined;
  return text.trim() === '' ? (known ?? null) : text.trim();
}

/** Null for the only one; undefined where the user chose none. */
async function pickModel(
  address: string,
  { software, models }: ServerListing,
): Promise<string | null | undefined> {
  const [only, ...others] = models;
  if (only === undefined) {
    throw new CodedError(
      'model.missing',
      `${hostOf(address)} has no model.`,
      'Load one there, then add the server again.',
    );
  }
  if (others.length === 0) return null;
  const chosen = await vscode.window.showQuickPick(models.map(servedItem), {
    title: `Model of ${hostOf(address)} (${software})`,
    matchOnDescription: true,
  });
  return chosen?.label;
}

async function keep(key: 'model' | 'completionModel', value: string): Promise<void> {
  if (currentSettings().sidecar[key] !== value) await updateSetting(key, value);
}
