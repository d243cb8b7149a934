import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { filesBelow, type Ran, runProgram } from '../support/server/askingProgram.ts';
import { StubServer, type StubServerOptions } from '../support/server/stubServer.ts';

const canary = 'sk-canary-5d1e';
const script = (prompt: string) => (prompt.includes('assistant') ? 'The answer is 42.' : 'x');

/** Asks a stub through the built command line. `files` are those of its store. */
async function asked(
  options: StubServerOptions,
  args: (folder: string) => readonly string[],
  { input, command = 'ask' }: { readonly input?: string; readonly command?: 'ask' | 'edit' } = {},
): Promise<Ran & { readonly files: ReadonlyMap<string, string>; readonly stub: StubServer }> {
  await using folder = await temporaryFolder();
  await using stub = await StubServer.start({ script, ...options });
  const keyFile = path.join(folder.path, 'key');
  await writeFile(keyFile, `${canary}\n`);
  await chmod(keyFile, 0o600);
  const storePath = path.join(folder.path, 'store');
  const workspace = path.join(folder.path, 'workspace');
  await mkdir(workspace);
  await writeFile(path.join(workspace, 'sums.py'), 'def f(a):\n    return a\n');
  const given = [command, '--server', stub.address, ...args(folder.path)];
  const ran = await runProgram(given, {
    storePath,
    folder: workspace,
    ...(input !== undefined && { input }),
  });
  return { ...ran, files: await filesBelow(storePath), stub };
}

describe('a question to a server', () => {
  it('is answered by it, without a model on this machine', async () => {
    const { exitCode, output, errors, stub } = await asked({}, () => ['--difficulty', 'easy', 'What is it?']);

    expect(errors).not.toContain('not on this machine');
    expect([exitCode, output.trim()]).toEqual([0, 'The answer is 42.']);
    expect(stub.bodiesTo('/completion').length).toBeGreaterThan(1);
  });

  it('leaves its key nowhere: not in output, log, trace, view or the environment of a test command', async () => {
    const args = (folder: string): readonly string[] => [
      ...['--server-key-file', path.join(folder, 'key'), '--log', '--strategy', 'directBestOfN'],
      // Fails where the key is in its environment or in the arguments of a process, of which this is none.
      ...['--verify', '! { env; ps -eo args; } | grep sk-[c]anary-', 'Write a Python function f.'],
    ];
    const code = '```python\ndef f():\n    return 1\n```';
    const { exitCode, output, errors, files, stub } = await asked({ key: canary, script: () => code }, args);
    const trace = [...files].find(([file]) => file.endsWith('.jsonl'))?.[1] ?? '';

    expect(exitCode).toBe(0);
    expect(stub.requests.every(({ headers }) => headers.authorization === `Bearer ${canary}`)).toBe(true);
    expect(trace.split('\n').find((line) => line.includes('verification/finished'))).toContain('"passed"');
    for (const text of [output, errors, ...files.values()]) expect(text).not.toContain(canary);
  });

  it('takes its key from standard input', async () => {
    const { exitCode, output } = await asked(
      { key: canary },
      () => ['--server-key-file', '-', '--difficulty', 'easy', 'What is it?'],
      { input: `${canary}\n` },
    );

    expect([exitCode, output.trim()]).toEqual([0, 'The answer is 42.']);
  });

  it('edits a file, too, without a model on this machine', async () => {
    const code = '```python\ndef f(a):\n    return a + 1\n```';
    const { exitCode, output, errors } = await asked(
      { script: () => code },
      () => ['--file', 'sums.py', '--lines', '1:2', 'Add one.'],
      { command: 'edit' },
    );

    expect(errors).not.toContain('not on this machine');
    expect(exitCode).toBe(0);
    expect(output).toContain('-    return a\n+    return a + 1\n');
  });

  it('ends with what is wrong with the server', async () => {
    const { exitCode, errors, files } = await asked({ key: canary }, () => [
      '--difficulty',
      'easy',
      'What is it?',
    ]);

    expect(exitCode).toBe(1);
    expect(errors).toContain('asks for a key (401)');
    for (const text of files.values()) expect(text).not.toContain(canary);
  });

  it('is used wrongly with a model of this machine beside it', async () => {
    const { exitCode, errors } = await asked({}, () => ['--model', 'smollm2-135m', 'What is it?']);

    expect(exitCode).toBe(2);
    expect(errors).toContain('--server runs the model');
  });
});
