import { afterAll } from 'vitest';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { grammarParser } from '../../../sidecar/verify/codeParser.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { copyGrammars } from '../../../sidecar/syntax/grammarFiles.mjs';
import { temporaryFolder } from './temporaryFolder.ts';

const folder = await temporaryFolder();
await copyGrammars(folder.path);
afterAll(() => folder[Symbol.asyncDispose]());

/** As a build copies them, for the tests of the file that imports this. */
export const syntaxFolder = folder.path;
/** Reads the shape of code with the grammars that ship. */
export const shippedShapes = shapeReaders(syntaxFolder, systemClock);
/** Reads code with the grammars that ship. */
export const shippedParser = grammarParser(syntaxFolder, { clock: systemClock });
