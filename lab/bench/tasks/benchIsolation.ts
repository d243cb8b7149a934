import { existsSync } from 'node:fs';
import path from 'node:path';
import { sandboxOf } from '../../../sidecar/verify/confinement/probeSandbox.ts';
import type { Isolation } from '../../../sidecar/verify/confinement/sandbox.ts';

/** Beside the bundle. Sources have none, and programs that they run are ended by what runs them. */
const guardFile = path.join(__dirname, 'commandGuard.cjs');

/** What keeps programs that a model wrote apart from the machine. */
export const benchIsolation: Isolation = {
  sandbox: sandboxOf(process.platform, process.env),
  guardFile: existsSync(guardFile) ? guardFile : null,
};
