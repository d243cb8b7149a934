import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { grammarNames } from '../../sidecar/syntax/grammarFiles.mjs';
import { checkout, manifest } from '../support/machine/manifest.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const run = promisify(execFile);
const trace = path.join(checkout, 'test/fixtures/traces/recorded.jsonl');

test('the packed command line is a program with all that a replay needs beside it', async () => {
  await using folder = await temporaryFolder();
  await run('npm', ['pack', '--pack-destination', folder.path], { cwd: checkout });
  const unpacked = await mkdtemp(path.join(folder.path, 'unpacked-'));
  await run('tar', ['-xf', path.join(folder.path, `entropane-${manifest.version}.tgz`), '-C', unpacked]);
  const packed = path.join(unpacked, 'package');
  // What installing the dependencies would bring.
  await symlink(path.join(checkout, 'node_modules'), path.join(packed, 'node_modules'));

  expect((await readdir(path.join(packed, 'dist/syntax'))).sort()).toEqual(
    ['LICENSE', 'tree-sitter.wasm', ...grammarNames.map((name) => `tree-sitter-${name}.wasm`)].sort(),
  );
  const licences = await readFile(path.join(packed, 'dist/LICENSES.txt'), 'utf8');
  for (const name of ['katex', 'marked', 'preact', 'uplot', 'vscode-languageclient'])
    expect(licences).toMatch(
      new RegExp(`^${name} [\\d.]+ \\(MIT\\)\\n\\n(?:.*\\n)*?.*Permission is hereby granted`, 'mu'),
    );
  // Its own first line and its mode make it run; nothing here names an interpreter.
  const program = path.join(packed, manifest.bin.entropane);
  expect((await run(program, ['--version'])).stdout.trim()).toBe(manifest.version);
  const view = path.join(folder.path, 'view.html');
  expect((await run(program, ['replay', trace, '--html', view])).stdout.trim()).toBe(view);
  expect(await readFile(view, 'utf8')).toContain('<!DOCTYPE html>');
});
