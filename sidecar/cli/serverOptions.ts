import { stat } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { isOpenToOthers, readServerAddresses } from '../../protocol/serverAddress.ts';
import { ServerKey } from '../engine/serverKey.ts';
import { hasFileModes } from '../storage/fileModes.ts';
import { isSecretText } from '../validation/secretText.ts';
import { readInputFile } from './inputFile.ts';
import { type OptionSpecs, type OptionValues, UsageError } from './optionSpec.ts';
import type { Terminal } from './terminal.ts';

/** Options of commands that can use a server's model. */
export const serverOptions = {
  server: {
    type: 'string',
    placeholder: 'URL',
    multiple: true,
    description:
      'A llama-server or OpenAI-compatible server that runs the model; several with the same model share the requests',
  },
  'server-model': {
    type: 'string',
    placeholder: 'NAME',
    description: 'Which of its models, where it has several',
  },
  'server-key-file': {
    type: 'string',
    placeholder: 'FILE',
    description: 'File with its key that only you may read (mode 600), or - for standard input',
  },
} as const satisfies OptionSpecs;

/** The server that a command's options name. */
export interface NamedServer {
  readonly address: string;
  /** Further servers with the same model and key. */
  readonly others: readonly string[];
  readonly modelName: string | null;
  readonly key: ServerKey | null;
}

/** Largest key file, so that a wrong path is not read whole. */
const largestKeyBytes = 16 * 1024;

/** The server of the options; null where none is named. Throws `UsageError`, `parameter.invalid` and `key.unusable`. */
export async function serverOf(
  values: OptionValues<typeof serverOptions>,
  { readInput }: Pick<Terminal, 'readInput'>,
): Promise<NamedServer | null> {
  const { server = [], 'server-model': modelName = null, 'server-key-file': keyFile } = values;
  const [address, ...others] = readServerAddresses(server);
  if (address === undefined) {
    const alone = modelName === null ? keyFile && '--server-key-file' : '--server-model';
    if (alone) throw new UsageError(`${alone} goes with --server.`);
    return null;
  }
  return {
    address,
    others,
    modelName,
    key: keyFile === undefined ? null : await readKey(keyFile, readInput),
  };
}

async function readKey(file: string, readInput: Terminal['readInput']): Promise<ServerKey> {
  if (file !== '-') return keyOf(await readPrivateFile(file), file);
  if (readInput === null) throw new UsageError('--server-key-file - takes the key from standard input.');
  return keyOf(await readInput(), 'standard input');
}

/** The text of a file that only its owner may read. */
async function readPrivateFile(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found !== null && found.isFile()) {
    const others = found.mode & 0o077;
    if (others !== 0 && hasFileModes(process.platform)) {
      throw unusable(
        `Others may read or change ${file} (mode ${(found.mode & 0o777).toString(8)}).`,
        `Keep it to yourself with: chmod 600 ${file}`,
      );
    }
    if (found.size > largestKeyBytes)
      throw unusable(`${file} is too large for a key.`, 'Give the file of the key.');
  }
  return readInputFile(file);
}

/** What it says of a key that cannot be used never has the key in it. */
function keyOf(text: string, source: string): ServerKey {
  const key = text.trim();
  if (key === '') throw unusable(`There is no key in ${source}.`, 'Write the key into it, on one line.');
  if (!isSecretText(key)) {
    throw unusable(
      `What is in ${source} is not a key: it has blanks, several lines or other characters than ASCII.`,
      'Write the key into it, on one line.',
    );
  }
  return new ServerKey(key);
}

function unusable(message: string, remedy: string): CodedError {
  return new CodedError('key.unusable', message, remedy);
}

/** Options of models that this machine runs: a server has its own. */
const localOptions = ['model', 'route', 'fast-model', 'draft-model', 'adapter', 'cache-type'] as const;

/**
 * The server whose model answers in the place of one of this machine; null where none is named. Says where others on the way
 * can read `sent`. Throws as `serverOf` does, and `UsageError` for options of a model of this machine.
 */
export async function answeringServer(
  values: OptionValues<typeof serverOptions> & { readonly [Name in (typeof localOptions)[number]]?: unknown },
  sent: string,
  terminal: Pick<Terminal, 'readInput' | 'note'>,
): Promise<NamedServer | null> {
  const server = await serverOf(values, terminal);
  if (server === null) return null;
  const given = localOptions.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--server runs the model, so it goes without --${given}.`);
  const { address, others, key } = server;
  const goes = key === null ? `${sent} goes` : `${sent} and the key go`;
  for (const open of [address, ...others].filter(isOpenToOthers))
    terminal.note(
      `${goes} to ${open} without encryption: others on the way can read what is sent. Use an https:// address.`,
    );
  return server;
}
