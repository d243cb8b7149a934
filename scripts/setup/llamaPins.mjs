import { readFile } from 'node:fs/promises';

/**
 * The packages of node-llama-cpp that are used.
 *
 * @typedef {object} LlamaPins
 * @property {string} scope
 * @property {Readonly<Record<string, { readonly version: string, readonly integrity: string }>>} packages by flavour
 *
 * @returns {Promise<LlamaPins>}
 */
export async function readPins() {
  return JSON.parse(await readFile(new URL('llamaLibrary.json', import.meta.url), 'utf8'));
}

/**
 * The package of a flavour, with its name. Throws where none is pinned, which a test rules out.
 *
 * @param {LlamaPins} pins
 * @param {string} flavour
 */
export function pinOf(pins, flavour) {
  const pin = pins.packages[flavour];
  if (pin === undefined) throw new Error(`No package is pinned for ${flavour}.`);
  return { name: `${pins.scope}/${flavour}`, ...pin };
}
