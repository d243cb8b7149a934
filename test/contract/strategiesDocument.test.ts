import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { strategyTable } from '../../protocol/strategyTable.ts';
import { checkout } from '../support/machine/manifest.ts';

const page = readFileSync(path.join(checkout, 'docs/STRATEGIES.md'), 'utf8');

describe('docs/STRATEGIES.md', () => {
  it('has a row and a section for each strategy of the table, in its order, and no other', () => {
    const rows = [...page.matchAll(/^\| \[`(\w+)`\]/gmu)].map((match) => match[1]);
    const sections = [...page.matchAll(/^### `(\w+)`$/gmu)].map((match) => match[1]);
    const ids = strategyTable.map(({ id }) => id);
    expect(rows).toEqual(ids);
    expect(sections).toEqual(ids);
  });

  it.each(strategyTable)('names the parameters of $id', ({ id, parameters }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| [\`${id}\`]`)) ?? '';
    const named = [...(row.split('|')[2] ?? '').matchAll(/`(\w+)`/gu)].map((match) => match[1]);
    expect(named).toEqual([...parameters]);
    for (const name of parameters) expect(page).toContain(`\n| \`${name}\` |`);
  });
});
