import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { workspaceVerifier } from '../../../../sidecar/verify/codeVerifier.ts';
import { probeSandbox } from '../../../../sidecar/verify/confinement/probeSandbox.ts';
import type { Isolation } from '../../../../sidecar/verify/confinement/sandbox.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { asHere, noSandbox, unconfined } from '../../../support/verify/isolation.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const sandbox = await probeSandbox(process.platform, process.env);
const code = { text: 'x', languageId: 'python' };
const node = `"${process.execPath}"`;

async function verify(folder: string, command: string, isolation: Isolation = asHere) {
  const verifier = workspaceVerifier(folder, { command, timeoutMs: 60_000, isolation, clock: systemClock });
  return verifier.verify(code, null, unhurried);
}

/** A workspace with an installed package. */
async function workspace(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'node_modules/x'), { recursive: true });
  await writeFile(path.join(folder.path, 'node_modules/x/index.js'), "module.exports = 'installed';");
  return folder;
}

test.runIf(process.platform === 'linux')('bubblewrap is found wherever user namespaces are allowed', () => {
  const tried = spawnSync('unshare', [
    '--user',
    '--map-root-user',
    '--pid',
    '--fork',
    '--mount-proc',
    'true',
  ]);
  expect(sandbox).toMatchObject({ kind: tried.status === 0 ? 'bubblewrap' : 'none' });
});

describe.runIf(sandbox.kind === 'bubblewrap')('a confined command, on a platform that allows it', () => {
  const secretFile = path.join(homedir(), `.entropane-test-${process.pid}`);

  beforeAll(async () => {
    await writeFile(secretFile, 'canary');
  });
  afterAll(async () => {
    await rm(secretFile);
  });

  test('says so', async () => {
    await using folder = await workspace();
    expect(await verify(folder.path, 'true')).toMatchObject({
      outcome: 'passed',
      confinement: { kind: 'bubblewrap' },
    });
  });

  test('reads installed packages and cannot change them', async () => {
    await using folder = await workspace();
    const command = `${node} -p "require('x')"; echo changed > node_modules/x/index.js`;
    const run = await verify(folder.path, command);
    expect(run.outcome).toBe('failed');
    expect(run.output).toContain('installed');
    expect(run.output).toContain('Read-only file system');
    const original = await readFile(path.join(folder.path, 'node_modules/x/index.js'), 'utf8');
    expect(original).toContain('installed');
  });

  test('does not see the home, nor the workspace that it has a copy of', async () => {
    await using folder = await workspace();
    await writeFile(path.join(folder.path, 'a.txt'), 'here');
    expect(await verify(folder.path, `cat "${secretFile}"`, unconfined)).toMatchObject({ output: 'canary' });
    const run = await verify(folder.path, `cat a.txt "${secretFile}" "${folder.path}/a.txt"`);
    expect(run.output.match(/No such file/gu)).toHaveLength(2);
    expect(run.output).not.toContain('canary');
    const listed = await verify(folder.path, 'ls -A "$HOME"');
    expect(listed.outcome).toBe('passed');
    expect(listed.output).not.toContain(path.basename(secretFile));
  });

  test('writes nothing outside of its copy that lasts', async () => {
    await using folder = await workspace();
    const places = [path.join(homedir(), `w${process.pid}`), `/tmp/w${process.pid}`, `/usr/w${process.pid}`];
    const command = places.map((place) => `echo x > ${place}`).join('; ');
    const run = await verify(folder.path, command);
    // Home and temporary folder are its own.
    expect(run.output.match(/Read-only file system/gu)).toHaveLength(1);
    expect(places.filter((place) => existsSync(place))).toEqual([]);
  });

  test('reaches no server of this machine, but its own', async () => {
    await using folder = await workspace();
    const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const connect = `require('net').connect(${port}, '127.0.0.1').on('error', (e) => console.log(e.code)).pipe(process.stdout)`;
      const command = `${node} -e "${connect}"`;
      expect((await verify(folder.path, command, unconfined)).output).toBe('reached');
      expect((await verify(folder.path, command)).output).toBe('ECONNREFUSED');
    } finally {
      server.close();
    }
    const own = `const s = require('net').createServer((c) => c.end('own')).listen(0, '127.0.0.1', () => require('net').connect(s.address().port, '127.0.0.1').pipe(process.stdout).on('unpipe', () => s.close()))`;
    expect((await verify(folder.path, `${node} -e "${own}"`)).output).toBe('own');
  });

  test('sees no process but its own', async () => {
    await using folder = await workspace();
    const run = await verify(folder.path, `kill -0 ${process.pid} || ls -d /proc/${process.pid}`);
    expect(run.outcome).toBe('failed');
  });

  test('does not see the home through a link in PATH', async () => {
    await using folder = await workspace();
    await using elsewhere = await temporaryFolder();
    const link = path.join(elsewhere.path, 'tools');
    await symlink(homedir(), link);
    vi.stubEnv('PATH', `${process.env['PATH'] ?? ''}:${link}/bin:${link}`);
    const file = `${link}/${path.basename(secretFile)}`;
    expect(await verify(folder.path, `cat "${file}"`, unconfined)).toMatchObject({ output: 'canary' });
    expect(await verify(folder.path, `cat "${file}"`)).toMatchObject({ outcome: 'failed' });
  });

  test('finds the toolchains of PATH', async () => {
    await using folder = await workspace();
    const tools = ['node', 'npm', 'python3', 'git'];
    const command = tools.map((tool) => `${tool} --version > ${tool}.txt || exit 1`).join('; ');
    expect(await verify(folder.path, command)).toMatchObject({ outcome: 'passed', output: '' });
  });
});

test('a command says why it is not confined where nothing can confine it', async () => {
  await using folder = await workspace();
  const run = await verify(folder.path, `${node} -p 1`, unconfined);
  expect(run).toMatchObject({
    outcome: 'passed',
    confinement: { kind: 'none', why: `${noSandbox.why} ${noSandbox.remedy}` },
  });
});

test('a sandbox that does not come to the command has tested nothing', async () => {
  await using folder = await workspace();
  const program = path.join(folder.path, 'broken');
  await writeFile(program, '#!/bin/sh\necho "bwrap: no such luck" >&2; exit 1', { mode: 0o755 });
  const broken: Isolation = {
    sandbox: () => Promise.resolve({ kind: 'bubblewrap', program }),
    guardFile: null,
  };
  expect(await verify(folder.path, 'true', broken)).toMatchObject({
    outcome: 'notStarted',
    exitCode: null,
    output: 'bwrap: no such luck',
  });
});

describe('the search for a sandbox', () => {
  test('says what to install, and what to do about one that does not work', async () => {
    await using folder = await temporaryFolder();
    const environment = { PATH: `relative:${folder.path}`, HOME: '/home/me' };
    expect(await probeSandbox('linux', environment)).toMatchObject({
      kind: 'none',
      why: 'bubblewrap is not installed.',
    });
    await writeFile(path.join(folder.path, 'bwrap'), '#!/bin/sh\necho "no namespaces" >&2; exit 1', {
      mode: 0o755,
    });
    expect(await probeSandbox('linux', environment)).toMatchObject({
      kind: 'none',
      why: 'bubblewrap does not work here (no namespaces).',
    });
    expect(await probeSandbox('win32', environment)).toMatchObject({ kind: 'none' });
  });
});
