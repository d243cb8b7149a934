import { inject } from 'vitest';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { grammarParser } from '../../../sidecar/verify/codeParser.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';

/** The grammars as a build copies them, from the set-up of the run. */
export const syntaxFolder = inject('grammarFolder');
/** Reads the shape of code with the grammars that ship. */
export const shippedShapes = shapeReaders(syntaxFolder, systemClock);
/** Reads code with the grammars that ship, for as long as that takes on a busy machine. */
export const shippedParser = grammarParser(syntaxFolder, { clock: systemClock, limitMs: 60_000 });
