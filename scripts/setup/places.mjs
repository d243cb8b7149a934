import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tools that tests and `npm run vscode` need, one copy per machine: rebuilt whenever they are gone. */
export const toolsFolder = path.join(
  process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'),
  'entropane',
  'tools',
);
