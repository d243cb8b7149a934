import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const sourceFolders = ['protocol', 'sidecar', 'extension', 'webview-ui', 'bench'];

interface Import {
  /** Importing file, relative to the root, with forward slashes. */
  readonly from: string;
  /** A path relative to the root for our own files, the package name otherwise. */
  readonly to: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
}

/** `docs/ARCHITECTURE.md` draws these arrows: which folder may import which of ours. */
const allowedFolders: Readonly<Record<string, readonly string[]>> = {
  protocol: ['protocol'],
  sidecar: ['protocol', 'sidecar', 'package.json'],
  extension: ['protocol', 'extension', 'package.json'],
  'webview-ui': ['protocol', 'webview-ui'],
  bench: ['protocol', 'sidecar', 'bench', 'package.json'],
};

const imports = sourceFolders.flatMap((folder) => sourceFiles(folder)).flatMap((file) => importsOf(file));

test('the scan sees the code it guards', () => {
  for (const folder of sourceFolders) {
    expect(imports.filter((i) => i.from.startsWith(`${folder}/`)).length, folder).toBeGreaterThan(0);
  }
});

describe('arrows between folders', () => {
  test.each(sourceFolders)('%s imports only what the map allows', (folder) => {
    const allowed = allowedFolders[folder] ?? [];
    const strays = imports
      .filter((i) => i.from.startsWith(`${folder}/`) && i.isOwn)
      .filter((i) => !allowed.includes(i.to.split('/')[0] ?? ''));
    expect(strays).toEqual([]);
  });

  test('protocol imports nothing from a package at run time', () => {
    expect(imports.filter((i) => i.from.startsWith('protocol/') && !i.isOwn && !i.isTypeOnly)).toEqual([]);
  });
});

describe('who knows what', () => {
  test.each([
    ['@vscode/tree-sitter-wasm', /^sidecar\/verify\/syntax\//],
    ['koffi', /^sidecar\/engine\/llama\//],
    ['onnxruntime-node', /^sidecar\/(difficulty|doctor)\//],
    [
      'vscode-languageserver',
      /^sidecar\/(server|documents)\/|^sidecar\/main\.ts$|^sidecar\/cli\/sidecarClient\.ts$/,
    ],
    ['vscode-jsonrpc', /^sidecar\/(server)\/|^sidecar\/cli\/sidecarClient\.ts$/],
    ['vscode', /^extension\//],
    ['vscode-languageclient', /^extension\//],
    ['preact', /^webview-ui\//],
    ['uplot', /^webview-ui\//],
  ])('%s is imported only where it belongs', (packageName, home) => {
    const strays = imports.filter((i) => packageOf(i.to) === packageName && !home.test(i.from));
    expect(strays).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('sidecar/numeric/kernel/'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm);
  const dynamic = text.matchAll(/import\(\s*()'([^']+)'\s*\)/g);
  return [...statements, ...dynamic].map((match) => {
    const specifier = match[2] ?? '';
    const isOwn = specifier.startsWith('.');
    return {
      from: file,
      to: isOwn ? path.posix.join(path.posix.dirname(file), specifier) : specifier,
      isOwn,
      isTypeOnly: match[1] !== undefined && match[1] !== '',
    };
  });
}

function packageOf(target: string): string {
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
