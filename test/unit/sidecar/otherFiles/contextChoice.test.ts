import { describe, expect, it } from 'vitest';
import type { KeptChunk } from '../../../../sidecar/otherFiles/keptChunks.ts';
import { chooseContext, importedModules } from '../../../../sidecar/otherFiles/contextChoice.ts';
import { identifierTerms, termCounts } from '../../../../sidecar/otherFiles/identifierTerms.ts';

function chunk(uri: string, text: string, others: Partial<KeptChunk> = {}): KeptChunk {
  const terms = identifierTerms(text);
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return {
    uri,
    text,
    range,
    reason: 'visited',
    atMs: 0,
    terms: termCounts(terms),
    length: terms.length,
    ...others,
  };
}

const text = "import { priceOf } from './prices.ts';\n\nconst total = priceOf(";
const place = { uri: 'file:///shop/cart.ts', text, offset: text.length, nowMs: 3_600_000 };
const price = chunk('file:///shop/prices.ts', 'export function priceOf(item, country) {}');
const weather = chunk('file:///shop/weather.ts', 'export function rainTomorrow(city) {}');

describe('the choice of parts', () => {
  it('takes what shares identifiers with the place, and leaves out what does not', () => {
    expect(chooseContext([weather, price], place, 1000).map(({ uri }) => uri)).toEqual([price.uri]);
  });

  it('leaves out the file that the cursor is in', () => {
    expect(chooseContext([chunk(place.uri, 'priceOf(total)')], place, 1000)).toEqual([]);
  });

  it('puts the best part last, and goes by import and time where identifiers say the same', () => {
    const other = chunk('file:///elsewhere/list.ts', 'export function priceOf(item, country) {}');
    const newer = chunk('file:///elsewhere/new.ts', 'export function priceOf(item, country) {}', {
      atMs: place.nowMs,
    });
    expect(chooseContext([price, other, newer], place, 1000).map(({ uri }) => uri)).toEqual([
      other.uri,
      newer.uri,
      price.uri,
    ]);
  });

  it('prefers a declaration of an imported name', () => {
    const visited = chunk('file:///shop/prices.js', 'priceOf(item, country)');
    const declared = chunk('file:///shop/prices.ts', 'function priceOf(item)', { reason: 'declaration' });
    expect(chooseContext([declared, visited], place, 1000).at(-1)?.text).toBe(declared.text);
  });

  it('never takes more characters than there is room for', () => {
    const long = chunk(
      'file:///shop/prices.ts',
      `function priceOf() {\n${'  line(priceOf, total);\n'.repeat(40)}}`,
    );
    for (const budget of [0, 100, 200, 400, 5000]) {
      const taken = chooseContext([long, price], place, budget).reduce(
        (sum, each) => sum + each.text.length,
        0,
      );
      expect(taken).toBeLessThanOrEqual(budget);
    }
    expect(chooseContext([long], place, 300)[0]?.text).toMatch(/^function priceOf/);
  });

  it('puts parts of one file together, in the order of its lines', () => {
    const range = { start: { line: 9, character: 0 }, end: { line: 9, character: 9 } };
    const later = chunk(price.uri, 'export function priceOf(total, text) {}', { range });
    expect(chooseContext([later, price], place, 1000)).toEqual([
      { uri: price.uri, text: `${price.text}\n${later.text}` },
    ]);
  });

  it('chooses the same of the same', () => {
    expect(chooseContext([weather, price], place, 500)).toEqual(chooseContext([weather, price], place, 500));
  });
});

it.each([
  ["import a, { b } from './lib/tools.js'", ['tools']],
  ["const x = require('../x.cjs')", ['x']],
  ["export * from './shapes/index.ts'", ['shapes']],
  ["import data from './data.json'", ['data']],
  ['import static java.util.List;', ['List']],
  ['from app.models.user import User', ['user']],
  ['import numpy as np', ['numpy']],
  ['#include "net/socket.h"', ['socket']],
  ['use crate::engine::batch;', ['batch']],
  ['import (\n  "net/http"\n)', ['http']],
  ['const from = 1', []],
])('reads the modules that %j imports', (source, modules) => {
  expect([...importedModules(source)]).toEqual(modules);
});
