import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectorIds } from '../../protocol/selectorTable.ts';
import { strategyIds } from '../../protocol/strategyTable.ts';
import { checkout } from '../support/machine/manifest.ts';

/** Fewer lines than this each, so that one way to answer or to choose can be read at a sitting. */
const mostLines = 200;

describe.each([
  { what: 'strategy', folder: 'sidecar/reasoning/strategies', ids: strategyIds },
  { what: 'selector', folder: 'sidecar/reasoning/selection', ids: selectorIds },
])('each $what', ({ folder, ids }) => {
  const files = readdirSync(path.join(checkout, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(path.join(checkout, folder, name), 'utf8') }))
    .map(({ name, text }) => ({ name, text, defined: idsDefinedIn(text) }));

  it.each(ids)('has a file of its own, and a short one: %s', (id) => {
    const homes = files.filter(({ defined }) => defined.includes(id));
    expect(homes.map(({ defined }) => defined)).toEqual([[id]]);
    for (const { text } of homes) expect(text.split('\n').length - 1).toBeLessThan(mostLines);
  });

  it('is known by its name', () => {
    expect(files.flatMap(({ defined }) => defined).toSorted()).toEqual([...ids].toSorted());
  });
});

/** Names in the objects that a file exports. */
function idsDefinedIn(text: string): readonly string[] {
  return [...text.matchAll(/^export const \w+: \w+ = \{\n {2}id: '(\w+)',$/gmu)].map(([, id = '']) => id);
}
