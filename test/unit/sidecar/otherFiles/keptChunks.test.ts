import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ContextOffer } from '../../../../protocol/messages.ts';
import { KeptChunks, shinglesOf } from '../../../../sidecar/otherFiles/keptChunks.ts';

function offer(uri: string, text: string, line = 0): ContextOffer {
  const range = {
    start: { line, character: 0 },
    end: { line: line + text.split('\n').length - 1, character: 0 },
  };
  return { uri, version: 1, range, text, reason: 'visited', at: '2026-01-01T00:00:00.000Z' };
}

/** Text of a file that shares nothing with others but the language. */
function fileText(index: number, lines: number): string {
  return Array.from(
    { length: lines },
    (_, line) => `  const value${index}x${line} = compute${index}(input${line}, other${index * 7 + line});`,
  ).join('\n');
}

/** What is in use, without what nothing refers to. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}

describe('kept parts', () => {
  it('keeps the newer of two parts that overlap in a file', () => {
    const kept = new KeptChunks();
    kept.add(offer('file:///a.ts', 'first(one, two);\nsecond(three);'), 1);
    kept.add(offer('file:///a.ts', 'changed(four, five);', 1), 2);
    kept.add(offer('file:///a.ts', 'elsewhere(six, seven);', 40), 3);
    expect(kept.chunks.map(({ text }) => text)).toEqual(['changed(four, five);', 'elsewhere(six, seven);']);
  });

  it('keeps one of two parts that say the same, whatever their files and blanks', () => {
    const kept = new KeptChunks();
    const text = fileText(1, 8);
    kept.add(offer('file:///a.ts', text), 1);
    kept.add(offer('file:///copy.ts', `${text.replaceAll('  ', '\t')}\nreturn value;`), 2);
    expect(kept.chunks.map(({ uri }) => uri)).toEqual(['file:///copy.ts']);
  });

  it('keeps two parts that share few names', () => {
    const kept = new KeptChunks();
    kept.add(offer('file:///a.ts', 'function area(width, height) { return width * height; }'), 1);
    kept.add(offer('file:///b.ts', 'function volume(area, depth) { return area * depth; }'), 2);
    expect(kept.chunks).toHaveLength(2);
  });

  it('counts a newer part as the declaration whose first line it has', () => {
    const kept = new KeptChunks();
    kept.add({ ...offer('file:///a.ts', 'area(width, height);', 10), reason: 'declaration' }, 1);
    kept.add(offer('file:///a.ts', 'before(this);\narea(width, height, depth);\nafter(this);', 9), 2);
    expect(kept.chunks).toMatchObject([{ reason: 'declaration', range: { start: { line: 9 } } }]);
    kept.add(offer('file:///a.ts', 'after(that);\nand(more);', 11), 3);
    expect(kept.chunks.map(({ reason, text }) => [reason, text])).toEqual([
      ['declaration', 'before(this);\narea(width, height, depth);'],
      ['visited', 'after(that);\nand(more);'],
    ]);
  });

  it('keeps of a declaration what is outside of a newer part without its first line', () => {
    const kept = new KeptChunks();
    const declaration = 'function area(width) {\n  return width * height;\n}';
    kept.add({ ...offer('file:///a.ts', declaration, 10), reason: 'declaration' }, 1);
    kept.add(offer('file:///a.ts', 'changed(width);\nvolume(depth);', 11), 2);
    expect(kept.chunks).toMatchObject([
      {
        reason: 'declaration',
        text: 'function area(width) {',
        range: { start: { line: 10 }, end: { line: 10, character: 22 } },
      },
      { reason: 'visited' },
    ]);
  });

  it('finds a declaration again that has moved', () => {
    const kept = new KeptChunks();
    const declaration = fileText(1, 4);
    kept.add({ ...offer('file:///a.ts', declaration, 10), reason: 'declaration' }, 1);
    kept.add(offer('file:///a.ts', `${declaration}\nmore(text);`, 50), 2);
    expect(kept.chunks).toMatchObject([{ reason: 'declaration', range: { start: { line: 50 } } }]);
  });

  it('takes nothing without identifiers', () => {
    const kept = new KeptChunks();
    kept.add(offer('file:///numbers.csv', '1, 2, 3\n4, 5, 6'), 1);
    expect(kept.chunks).toEqual([]);
  });

  it('forgets a file', () => {
    const kept = new KeptChunks();
    kept.add(offer('file:///a.ts', 'one(two);'), 1);
    kept.add(offer('file:///b.ts', 'three(four);'), 2);
    kept.forget('file:///a.ts');
    expect(kept.chunks.map(({ uri }) => uri)).toEqual(['file:///b.ts']);
  });

  it('stays small and quick when parts of 10,000 files are offered', () => {
    const kept = new KeptChunks();
    const offers = Array.from({ length: 10_000 }, (_, index) =>
      offer(`file:///src/f${index}.ts`, fileText(index, 12)),
    );
    const before = heapBytes();
    const startedUs = process.cpuUsage();
    for (const [index, each] of offers.entries()) kept.add(each, index);
    const { user, system } = process.cpuUsage(startedUs);
    expect(kept.chunks).toHaveLength(256);
    expect(kept.chunks[0]?.uri).toBe('file:///src/f9744.ts');
    // Twice what it took beside a dozen other programs, which cost it its share of the caches, too.
    expect((user + system) / 1e6).toBeLessThan(4);
    // Terms are counted for a choice, so they are part of what is kept.
    for (const chunk of kept.chunks)
      expect(chunk.length).toBe([...chunk.terms.values()].reduce((a, b) => a + b));
    expect(heapBytes() - before).toBeLessThan(50e6);
  });

  it('compares a bounded number of rows of a part', () => {
    expect(shinglesOf(fileText(1, 500)).length).toBeLessThanOrEqual(32);
    expect(shinglesOf('one')).toHaveLength(1);
  });
});
