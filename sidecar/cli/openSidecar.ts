import path from 'node:path';
import type { ServerEntry, SidecarSettings } from '../../protocol/messages.ts';
import { serverModelName } from '../../protocol/serverAddress.ts';
import { cacheTypeChoices } from '../../protocol/settingsTable.ts';
import { thinkingFormChoices } from '../../protocol/thinking.ts';
import { fastModelNote } from '../modelHosting/fastModelNote.ts';
import { openMachineStore } from '../models/machineStore.ts';
import { systemClock } from '../process/clock.ts';
import { present } from '../validation/fieldReader.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';
import { adapterFrom } from './adapterFrom.ts';
import {
  choiceOption,
  type fastModelOption,
  type jsonOption,
  type modelOptions,
  type OptionValues,
} from './command.ts';
import { HealthNotes } from './healthNotes.ts';
import type { NamedServer } from './serverOptions.ts';
import { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

export interface OpenSidecarOptions {
  readonly settings: Partial<SidecarSettings>;
  /** A server that the user named, which runs the model; null, as when it is absent, for none. */
  readonly server?: NamedServer | null;
  /** Null, as when it is absent, for none. */
  readonly workspaceFolder?: string | null;
  readonly terminal: Terminal;
  /** Says nothing but failures, and what is missing for all that was asked for. */
  readonly isQuiet: boolean;
  /** Shows the sidecar's log too. */
  readonly showsLog: boolean;
}

/** The sidecar that a command's options ask for. */
export function sidecarFor(
  values: OptionValues<typeof modelOptions & typeof fastModelOption & typeof jsonOption>,
  terminal: Terminal,
): OpenSidecarOptions {
  const adapter = adapterFrom(values);
  return {
    settings: present({
      model: values.model,
      // As a whole path: the sidecar may run in another folder.
      adapter: adapter?.path,
      adapterScale: adapter?.scale,
      draftModel: values['draft-model'],
      fastModel: values['fast-model'],
      cacheType: choiceOption(values['cache-type'], 'cache-type', cacheTypeChoices),
      thinkingForm: choiceOption(values['thinking-form'], 'thinking-form', thinkingFormChoices),
    }),
    terminal,
    isQuiet: values.json === true,
    showsLog: values.log === true,
  };
}

/** Runs `work` with a sidecar of its own and ends it afterwards, whatever happened. */
export async function withSidecar<T>(
  options: OpenSidecarOptions,
  work: (client: SidecarClient) => Promise<T>,
): Promise<T> {
  const { terminal, isQuiet, showsLog, server = null, workspaceFolder = null } = options;
  const settings = {
    ...options.settings,
    ...(server !== null && { model: serverModelName(server.address, server.modelName) }),
  };
  const { storePath = defaultSettings.storePath } = settings;
  const store = openMachineStore({ storePath, environment: process.env, clock: systemClock });
  const missing = await fastModelNote(settings, store);
  if (missing !== null) terminal.note(missing);
  const notes = new HealthNotes();
  const client = await SidecarClient.start({
    sidecarPath: path.join(bundleFolder, 'sidecar.cjs'),
    settings,
    servers: server === null ? [] : [entryOf(server)],
    workspaceFolder,
    onLog: (line) => {
      if (showsLog) terminal.note(line);
    },
    onHealth: (health) => {
      const state = notes.unsaidState(health);
      if (state !== null && !isQuiet) terminal.note(state);
      for (const note of notes.unsaid(health)) terminal.note(note);
    },
  });
  try {
    return await work(client);
  } finally {
    await client.dispose();
  }
}

/** A server as the sidecar is handed it, on its standard input: the key goes this way and no other. */
function entryOf({ address, others, key }: NamedServer): ServerEntry {
  return { address, others, ...present({ key: key?.reveal() }) };
}

/** Folder of the bundles, this one among them. */
const bundleFolder = __dirname;
