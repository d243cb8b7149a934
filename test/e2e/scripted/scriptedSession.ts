import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { modelsFolderOf } from '../../../sidecar/models/storePath.ts';
import { checkout } from '../../support/machine/manifest.ts';
import { EditorSession } from '../editorSession.ts';
import { TestLine } from './testLine.ts';

const modelFile = 'scripted.gguf';

const companionManifest = {
  name: 'companion',
  publisher: 'entropane-test',
  version: '1.0.0',
  engines: { vscode: '^1.100.0' },
  extensionKind: ['workspace'],
  main: './companion.cjs',
  activationEvents: ['onStartupFinished'],
  contributes: {
    languages: [
      { id: 'indents', extensions: ['.indents'] },
      { id: 'rewrites', extensions: ['.rewrites'] },
      { id: 'throws', extensions: ['.throws'] },
    ],
  },
};

/** VS Code with the packaged extension, a model that answers what the test says, and a companion extension that is called. */
export interface ScriptedSession extends AsyncDisposable {
  readonly session: EditorSession;
  readonly line: TestLine;
}

/** A workspace with two roots: `workspace`, and `other` with a file of its own. */
export async function startScriptedSession(vsix: string): Promise<ScriptedSession> {
  const line = await TestLine.listen();
  const session = await EditorSession.start({
    vsix,
    models: 'none',
    settings: {
      'entropane.completions.enabled': false,
      'entropane.model': modelFile,
      // A browser's default saves by itself.
      'files.autoSave': 'off',
    },
    hasOtherRoot: true,
    env: { ENTROPANE_TEST_PORT: String(line.port) },
    prepare: async ({ extensions, store }) => {
      await mkdir(modelsFolderOf(store), { recursive: true });
      await writeFile(path.join(modelsFolderOf(store), modelFile), 'not looked at');
      const names = await readdir(extensions);
      const product = names.find((name) => name.includes('entropane'));
      if (product === undefined) throw new Error(`The extension is not among ${names.join(', ')}.`);
      await bundle('scriptedSidecar.ts', path.join(extensions, product, 'dist', 'sidecar.cjs'));
      const companion = path.join(extensions, 'entropane-test.companion-1.0.0');
      await mkdir(companion);
      await writeFile(path.join(companion, 'package.json'), JSON.stringify(companionManifest));
      await bundle('companion.ts', path.join(companion, 'companion.cjs'));
      // The editor makes it anew from the folders that are there.
      await rm(path.join(extensions, 'extensions.json'), { force: true });
    },
  });
  await line.whenJoined();
  return {
    session,
    line,
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    },
  };
}

async function bundle(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [path.join(checkout, 'test/e2e/scripted', source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'koffi', 'onnxruntime-node'],
    logLevel: 'error',
  });
}
