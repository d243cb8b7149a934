import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { confinedCommand } from './confinedCommand.ts';
import type { Sandbox } from './sandbox.ts';
import { makeScratchFolders } from './scratchFolders.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A sandbox starts in some milliseconds. */
const probeMs = 10_000;

/**
 * Finds what this machine confines commands with, by running a shell in it the way that a command runs. Never rejects.
 */
export async function probeSandbox(platform: NodeJS.Platform, environment: Environment): Promise<Sandbox> {
  if (platform === 'linux') {
    const program = await findProgram('bwrap', environment);
    if (program === null)
      return {
        kind: 'none',
        why: 'bubblewrap is not installed.',
        remedy: 'Install the package "bubblewrap" (on Debian and Ubuntu: sudo apt install bubblewrap).',
      };
    return tried({ kind: 'bubblewrap', program }, environment, {
      name: 'bubblewrap',
      remedy: 'Allow user namespaces for it; a container needs to be started with that right.',
    });
  }
  if (platform === 'darwin')
    return tried({ kind: 'sandboxExec', program: '/usr/bin/sandbox-exec' }, environment, {
      name: 'sandbox-exec',
      remedy: 'Run tests in a container by naming one in the command.',
    });
  return {
    kind: 'none',
    why: 'This system has no sandbox that Entropane uses.',
    remedy: 'Open the workspace on Linux with bubblewrap, such as in WSL.',
  };
}

/** Probes when it is first asked, and again for as long as there is no sandbox: one may be installed meanwhile. */
export function sandboxOf(platform: NodeJS.Platform, environment: Environment): () => Promise<Sandbox> {
  let found: Promise<Sandbox> | null = null;
  return async () => {
    found ??= probeSandbox(platform, environment);
    const sandbox = await found;
    if (sandbox.kind === 'none') found = null;
    return sandbox;
  };
}

async function tried(
  sandbox: Exclude<Sandbox, { kind: 'none' }>,
  environment: Environment,
  { name, remedy }: { readonly name: string; readonly remedy: string },
): Promise<Sandbox> {
  const failure = await failureOf(sandbox, environment);
  if (failure === null) return sandbox;
  return { kind: 'none', why: `${name} does not work here (${failure}).`, remedy };
}

/** Null where a shell ran to its end. */
async function failureOf(
  sandbox: Exclude<Sandbox, { kind: 'none' }>,
  source: Environment,
): Promise<string | null> {
  try {
    const scratch = await makeScratchFolders();
    try {
      const folder = scratch.temporary;
      const command = await confinedCommand(sandbox, { folder, readable: [], scratch, source });
      return await failureOfRun(command.program, [...command.parameters, '/bin/sh', '-c', ':'], {
        cwd: folder,
        env: command.environment,
      });
    } finally {
      await scratch.dispose();
    }
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function failureOfRun(
  program: string,
  parameters: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<string | null> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, parameters, {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: probeMs,
      killSignal: 'SIGKILL',
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (exitCode) => {
      const [firstLine = ''] = output.trim().split('\n', 1);
      resolve(exitCode === 0 ? null : firstLine || `it ended with code ${exitCode ?? 'none'}`);
    });
  });
}

/** The first of this name in an absolute folder of PATH: a relative one may be the workspace's. */
async function findProgram(name: string, { PATH = '' }: Environment): Promise<string | null> {
  for (const folder of PATH.split(path.delimiter).filter((place) => path.isAbsolute(place))) {
    const program = path.join(folder, name);
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}
