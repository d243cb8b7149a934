import path from 'node:path';
import { build } from 'esbuild';
import { sandboxOf } from '../../../sidecar/verify/confinement/probeSandbox.ts';
import type { Isolation, Sandbox } from '../../../sidecar/verify/confinement/sandbox.ts';
import { checkout } from '../machine/manifest.ts';
import { temporaryFolder } from '../machine/temporaryFolder.ts';

/** No sandbox, whatever the machine has. */
export const noSandbox = {
  kind: 'none',
  why: 'This test wants none.',
  remedy: 'Leave it so.',
} as const satisfies Sandbox;

/** As on a machine without a sandbox. The command's guard is left out: the test itself ends what it starts. */
export const unconfined: Isolation = { sandbox: () => Promise.resolve(noSandbox), guardFile: null };

/** As this machine does it. */
export const asHere: Isolation = { sandbox: sandboxOf(process.platform, process.env), guardFile: null };

/** Bundles a program of ours from its source, for tests that need no built product. Removed at the end of its block. */
export async function bundledProgram(source: string): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await temporaryFolder();
  const file = path.join(folder.path, `${path.basename(source, '.ts')}.cjs`);
  await build({
    entryPoints: [path.join(checkout, source)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return { file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
