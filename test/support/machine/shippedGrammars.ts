import { afterAll } from 'vitest';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { grammarParser } from '../../../sidecar/verify/syntax/codeParser.ts';
import { copyGrammars } from '../../../sidecar/verify/syntax/grammarFiles.mjs';
import { temporaryFolder } from './temporaryFolder.ts';

const folder = await temporaryFolder();
await copyGrammars(folder.path);
afterAll(() => folder[Symbol.asyncDispose]());

/** As a build copies them, for the tests of the file that imports this. */
export const syntaxFolder = folder.path;
/** Reads code with the grammars that ship. */
export const shippedParser = grammarParser(syntaxFolder, { clock: systemClock });
