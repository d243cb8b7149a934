import { describe, expect, test } from 'vitest';
import { appendTokenColumns, emptyTokenColumns } from '../../../protocol/tokenColumns.ts';
import { tokenRun } from '../../support/trace/tokenRun.ts';

const exact = tokenRun([0.1, 0.2]);
const bounded = { ...tokenRun([0.3]), entropyUpperNats: [0.5] };

describe('upper bounds of entropies', () => {
  test('are absent while all entropies are exact', () => {
    expect(appendTokenColumns(exact, exact)).not.toHaveProperty('entropyUpperNats');
  });

  test('are the entropy itself where it is exact, before and after', () => {
    const joined = appendTokenColumns(exact, bounded);
    expect(joined.entropyUpperNats).toEqual([0.1, 0.2, 0.5]);
    const again = appendTokenColumns(joined, exact);
    expect(again.entropyUpperNats).toEqual([0.1, 0.2, 0.5, 0.1, 0.2]);
    // The earlier run keeps its own.
    expect(joined.entropyUpperNats).toEqual([0.1, 0.2, 0.5]);
    expect(joined.entropyNats).toEqual([0.1, 0.2, 0.3]);
  });

  test('of two futures of one run stay apart', () => {
    const start = appendTokenColumns(emptyTokenColumns, bounded);
    const one = appendTokenColumns(start, bounded);
    const other = appendTokenColumns(start, { ...bounded, entropyUpperNats: [0.9] });
    expect(one.entropyUpperNats).toEqual([0.5, 0.5]);
    expect(other.entropyUpperNats).toEqual([0.5, 0.9]);
  });
});
