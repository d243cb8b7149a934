import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';

const sources = path.resolve(import.meta.dirname, '../../../sidecar');

/** Bundles a program that imports from the sidecar, as `./fileLock.ts`, into a folder; returns the file's path. */
export async function buildProgram(contents: string, folder: string): Promise<string> {
  const outfile = path.join(folder, 'program.mjs');
  await build({
    stdin: { contents, resolveDir: sources, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return outfile;
}

/** Starts a built program with a channel for messages. Disposing kills it. */
export class ProgramProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when the process is gone and its last message has come. */
  readonly exited: Promise<void>;

  constructor(program: string, programArguments: readonly string[] = []) {
    this.child = fork(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.exited = Promise.all([once(this.child, 'exit'), once(this.child, 'disconnect')]).then(
      () => undefined,
    );
  }

  /** Sends a message, and resolves with the next one that comes back. Rejects when the process ends instead. */
  async exchange(message: string): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      const onExit = (): void => {
        reject(new Error('The process ended without an answer.'));
      };
      this.child.once('exit', onExit);
      this.child.once('message', (value: unknown) => {
        this.child.off('exit', onExit);
        resolve(value);
      });
    });
    this.child.send(message);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
