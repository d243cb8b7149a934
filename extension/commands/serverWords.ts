import type { ServedModel, SidecarSettings } from '../../protocol/messages.ts';
import type { ServerGroup } from '../engine/addedServers.ts';
import {
  hostOf,
  isLoopback,
  isOpenToOthers,
  isServerModel,
  readServerAddresses,
  readServerModel,
} from '../../protocol/serverAddress.ts';

type ModelChoice = Pick<SidecarSettings, 'model' | 'completionModel'>;

/** Addresses with blanks between them; the first one names the group. Throws as `readServerAddresses` does. Pure. */
export function readServerGroup(text: string): ServerGroup {
  const [address = '', ...others] = readServerAddresses(text.trim().split(/\s+/));
  return { address, others };
}

/** All addresses of a group, the one that names it first. Pure. */
export function addressesOf({ address, others }: ServerGroup): readonly string[] {
  return [address, ...others];
}

/** What is sent to servers, before the user agrees to that. Pure. */
export function consentText(group: ServerGroup): string {
  const addresses = addressesOf(group);
  const sent =
    `When its model is used, Entropane sends to ${addresses.join(' and ')}: your questions and edits, the code and files that go along with ` +
    'them, what the model has written so far, and the key, where it has one.\n\n' +
    'Completions stay on this machine, unless entropane.completionModel names a model of the server, in your settings or in those of a ' +
    'workspace that you trust. Then the code around the cursor is sent while you type, and with entropane.completionOtherFiles parts of ' +
    'other files.';
  const way = addresses.every(isLoopback)
    ? 'The address is on this machine, so it leaves the machine only if the server there passes it on.'
    : addresses.some(isOpenToOthers)
      ? 'The connection is not encrypted: others on the way can read all of it, the key too. An https:// address avoids that.'
      : 'The connection is encrypted.';
  return `${sent}\n\n${way} What the server keeps is up to the server. Remove Server… ends it.`;
}

/** What is asked of a user about a server's key: null for one that has none, undefined for one whose key is gone. Pure. */
export function keyPrompt(known: string | null | undefined): string {
  if (known === undefined)
    return 'Its key is gone from this machine. Leave it empty where it asks for none now.';
  return known === null
    ? 'Its key. Leave it empty where it asks for none.'
    : 'Its key. Leave it empty to keep the one that it has.';
}

/**
 * What the settings say once questions go to a server's model: the one named for completions stays, and without one what wrote them
 * on this machine does so still. Pure.
 */
export function questionsTo(name: string, { model, completionModel }: ModelChoice): ModelChoice {
  const inherited = isServerModel(model) ? '' : model;
  return { model: name, completionModel: completionModel === '' ? inherited : completionModel };
}

/** What the settings say once a server is removed, where `fallback` is the default model; null where they do not name it. Pure. */
export function withoutServer(
  address: string,
  { model, completionModel }: ModelChoice,
  fallback: string,
): ModelChoice | null {
  const isIts = (name: string): boolean => readServerModel(name)?.address === address;
  if (!isIts(model) && !isIts(completionModel)) return null;
  const completing = isIts(completionModel) ? '' : completionModel;
  if (!isIts(model)) return { model, completionModel: completing };
  return { model: completing === '' ? fallback : completing, completionModel: '' };
}

/** Where questions and completions go now, in one or two sentences. Pure. */
export function whereText(name: string, { completionModel }: ModelChoice): string {
  const read = readServerModel(name);
  const host = hostOf(read?.address ?? name);
  const modelName = read?.modelName ?? null;
  const what = modelName === null ? host : `${modelName} at ${host}`;
  const completions =
    completionModel === ''
      ? 'Choose a model of this machine to have completions.'
      : isServerModel(completionModel)
        ? `Completions go to ${hostOf(readServerModel(completionModel)?.address ?? completionModel)}.`
        : `Completions stay on this machine, with ${completionModel}.`;
  return `Questions and edits go to ${what}. ${completions}`;
}

/** A server's model as a list to choose from shows it. Pure. */
export function servedItem({ name, contextTokens }: ServedModel): {
  readonly label: string;
  readonly description: string;
} {
  const description = contextTokens === null ? '' : `${contextTokens} tokens of context`;
  return { label: name, description };
}
