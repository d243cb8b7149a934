import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { runOrFail } from '../setup/command.mjs';
import { SetupError } from '../setup/setupError.mjs';

/**
 * @typedef {object} EditorServerOptions
 * @property {{ readonly node: string, readonly entry: string }} rig Node and entry script of a code-server
 * @property {string} profile folder for settings, extensions and logs; made where it is missing
 * @property {string} vsix
 * @property {string} workspace a folder, or a `.code-workspace` file that names several
 * @property {number} [port] 0, as when absent, takes a free one
 * @property {Readonly<Record<string, string>>} [env] added to this process's environment; reaches the extension
 */

/**
 * Installs a VSIX into a code-server and serves a workspace with it, on the loopback interface alone. Resolves when
 * it listens; the caller ends the process. Two servers need two profile folders.
 *
 * @param {EditorServerOptions} options
 * @returns {Promise<{ readonly url: string, readonly process: import('node:child_process').ChildProcess }>}
 */
export async function startEditorServer({ rig, profile, vsix, workspace, port = 0, env = {} }) {
  const places = [
    ...['--config', path.join(profile, 'config.yaml')],
    ...['--user-data-dir', path.join(profile, 'user')],
    ...['--extensions-dir', path.join(profile, 'extensions')],
  ];
  await runOrFail([rig.node, rig.entry, ...places, '--install-extension', vsix, '--force'], {
    remedy: `Remove ${profile}, then run this again.`,
  });
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'];
  const server = spawn(
    rig.node,
    [rig.entry, ...places, ...quiet, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, workspace],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const kind = workspace.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const url = `http://localhost:${await listeningPort(server)}/?${kind}=${encodeURIComponent(workspace)}`;
  return { url, process: server };
}

/**
 * The port in use, from the line in which the server says so.
 *
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} server
 * @returns {Promise<number>}
 */
function listeningPort(server) {
  return new Promise((resolve, reject) => {
    // Once it listens, what it says is about parts that only its own builds have; nobody needs to see that.
    const lines = [];
    for (const input of [server.stdout, server.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    }
    server.once('exit', (code) => {
      const remedy = 'Mend what it says, then run this again.';
      reject(new SetupError(`code-server ended with code ${code}.\n${lines.join('\n')}`, remedy));
    });
  });
}
