// Set-up of the integration tests: what they start writes its traces into a store that ends with the test file, and
// never among the user's.
import path from 'node:path';
import { afterAll } from 'vitest';
import { temporaryFolder } from '../machine/temporaryFolder.ts';
import { borrowModels } from './borrowedModels.ts';

const folder = await temporaryFolder();
const storePath = path.join(folder.path, 'store');
await borrowModels(storePath);
process.env.ENTROPANE_HOME = storePath;

afterAll(() => folder[Symbol.asyncDispose]());
