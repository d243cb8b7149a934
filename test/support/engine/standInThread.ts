import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodedError } from '../../../protocol/codedError.ts';
import { ThreadConnection } from '../../../sidecar/engine/llama/connection/threadConnection.ts';
import { temporaryFolder, type TemporaryFolder } from '../machine/temporaryFolder.ts';

/**
 * A bundle folder whose thread is no engine: `answers` is the JavaScript of an object that gives, by command name,
 * the messages for a call id and its parameters. Other commands are answered with null.
 */
export async function standInBundle(answers: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder.path, 'engineThread.cjs'),
    `const { parentPort } = require('node:worker_threads');
    const answers = ${answers};
    parentPort.on('message', ({ name, callId, params }) => {
      const done = [{ type: 'call/done', callId, result: null }];
      for (const message of answers[name]?.(callId, params) ?? done) parentPort.postMessage(message);
      if (name === 'thread/dispose') parentPort.close();
    });`,
  );
  return folder;
}

/** A connection to the thread of such a folder. */
export interface StandInThread extends AsyncDisposable {
  readonly connection: ThreadConnection;
  /** What the connection said of its thread's death. */
  readonly failures: readonly CodedError[];
}

/** Starts the thread of such a folder. */
export async function standInThread(answers: string): Promise<StandInThread> {
  const folder = await standInBundle(answers);
  const failures: CodedError[] = [];
  const connection = new ThreadConnection(folder.path, (error) => failures.push(error));
  return {
    connection,
    failures,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
