import { readFile, writeFile } from 'node:fs/promises';

const pinsFile = new URL('llamaLibrary.json', import.meta.url);

/**
 * The builds of llama.cpp that are used. A hash of null is of a build that nobody who commits here has fetched yet.
 *
 * @typedef {object} LlamaPins
 * @property {string} scope
 * @property {string} version of node-llama-cpp
 * @property {Readonly<Record<string, string | null>>} integrity by flavour
 *
 * @param {URL | string} [file]
 * @returns {Promise<LlamaPins>}
 */
export async function readPins(file = pinsFile) {
  return JSON.parse(await readFile(file, 'utf8'));
}

/**
 * Writes the hash of a build that had none, which is checked from then on. Leaves every other row alone.
 *
 * @param {string} flavour
 * @param {string} integrity
 * @param {URL | string} [file]
 */
export async function recordPin(flavour, integrity, file = pinsFile) {
  const pins = await readPins(file);
  if (pins.integrity[flavour] !== null) throw new Error(`The hash of ${flavour} is not open.`);
  const recorded = { ...pins, integrity: { ...pins.integrity, [flavour]: integrity } };
  await writeFile(file, `${JSON.stringify(recorded, null, 2)}\n`);
}
