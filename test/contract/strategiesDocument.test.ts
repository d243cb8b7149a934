import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { strategyTable } from '../../protocol/strategyTable.ts';
import { selectorIds } from '../../protocol/traceEvent.ts';
import { checkout } from '../support/machine/manifest.ts';

const page = readFileSync(path.join(checkout, 'docs/STRATEGIES.md'), 'utf8');
const figures = readFileSync(path.join(checkout, 'docs/BENCHMARKS.md'), 'utf8');

/** What the last column of a table's row says: whether the bench has figures. */
function saysMeasured(rowStart: string): boolean {
  const row = page.split('\n').find((line) => line.startsWith(rowStart)) ?? '';
  const said = /\| \[(?<words>measured|not measured)\]\([^)]+\) \|$/u.exec(row)?.groups?.['words'];
  expect(said, rowStart).toBeDefined();
  return said === 'measured';
}

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

  it.each(strategyTable)('calls $id measured exactly where the bench has a row of it', ({ id }) => {
    const hasRow = new RegExp(`^\\| \`${id}[:\`].* × \\d+ \\|$`, 'mu').test(figures);
    expect(saysMeasured(`| [\`${id}\`]`)).toBe(hasRow);
  });

  it.each(selectorIds)('calls the selector %s measured exactly where the bench compares it', (id) => {
    const compared = [`\`${id}\` against`, `against \`${id}\``, `selector=${id}`];
    // What decides by default is in the strategy's row.
    if (id === 'contextCheck') compared.push('`verifyByContext:');
    expect(saysMeasured(`| \`${id}\` |`)).toBe(compared.some((words) => figures.includes(words)));
  });
});
