import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { shippedMeasuredEdits } from '../../sidecar/edits/measuredEdits.ts';
import { weightCountOf } from '../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const program = path.resolve(import.meta.dirname, '../../dist/cli.cjs');
const run = promisify(execFile);
const model = ['--model', 'qwen2.5-coder-0.5b'];

const source =
  'def greet(name):\r\n    return "Hello, " + name\r\n\r\n\r\ndef shout(name):\r\n    return name.upper()\r\n';

test('a function is edited by an instruction, verified and written, and nothing else changes', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'greet.py');
  await writeFile(file, source);
  // Fails on the file as it is, and passes once the parameter has another name.
  const verify = 'grep "return name.upper()" greet.py && ! grep "greet(name)" greet.py';
  const { stdout, stderr } = await run(
    process.execPath,
    [
      ...[program, 'edit', ...model, '--file', 'greet.py', '--lines', '1:2', '--seed', '1'],
      ...['--apply', '--verify', verify, 'Rename the parameter name to person.'],
    ],
    { cwd: folder.path },
  );
  expect(stdout).toContain('--- a/greet.py\n+++ b/greet.py\n@@ -1,');
  expect(stdout).toMatch(/^\+.*person.*\r$/m);
  expect(stderr).toMatch(/^verify: passed, exit code 0 after /m);
  expect(stderr).toMatch(/^greet.py was changed.$/m);
  const edited = await readFile(file, 'utf8');
  expect(edited).toContain('person');
  expect(edited.endsWith('\r\n\r\n\r\ndef shout(name):\r\n    return name.upper()\r\n')).toBe(true);
  expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
});

test('a problem comes on standard input, and a program gets one object a line', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'greet.py'), source.replace('+ name', '+ nam'));
  const args = ['fix', ...model, '--file', 'greet.py', '--lines', '1:2', '--seed', '1', '--force', '--json'];
  const child = spawn(process.execPath, [program, ...args], { cwd: folder.path, stdio: 'pipe' });
  child.stdin.end("NameError: name 'nam' is not defined. Did you mean: 'name'?\n");
  const [stdout] = await Promise.all([readText(child.stdout), readText(child.stderr), once(child, 'close')]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines.at(0)).toMatchObject({
    type: 'request/started',
    title: expect.stringMatching(/^Fix greet.py/) as string,
  });
  expect(lines.at(-1)).toMatchObject({ type: 'result', version: 0, verification: null, applied: false });
});

test('a model that was measured to be too weak is not asked, and what to do is said', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'greet.py'), source);
  const args = ['edit', ...model, '--file', 'greet.py', '--lines', '1:2', 'Rename the parameter to person.'];
  await expect(run(process.execPath, [program, ...args], { cwd: folder.path })).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/got 9 of 148 measured edits right.*\n.*--verify.*--force/u) as string,
  });
  const missing = run(process.execPath, [program, ...args, '--verify', 'no-such-program'], {
    cwd: folder.path,
  });
  await expect(missing).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /"no-such-program" could not be run: .* So it cannot judge the edit\./u,
    ) as string,
  });
  const passing = run(process.execPath, [program, ...args, '--verify', 'true'], { cwd: folder.path });
  await expect(passing).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(
      '"true" passes on the file as it is, so it cannot judge the edit.',
    ) as string,
  });
});

test('the weights of a measured row are those of its file', async () => {
  const [row] = shippedMeasuredEdits.rows.filter((one) => one.model === 'qwen2.5-coder-0.5b');
  expect(row?.weightCount).toBe(
    weightCountOf(await readGgufHeader(await installedModelPath('qwen2.5-coder-0.5b'))),
  );
});
