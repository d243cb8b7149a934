import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ContextOffer } from '../../../../protocol/messages.ts';
import { ChunkRing, shinglesOf } from '../../../../sidecar/otherFiles/chunkRing.ts';

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

describe('the ring of parts', () => {
  it('keeps the newer of two parts that overlap in a file', () => {
    const ring = new ChunkRing();
    ring.add(offer('file:///a.ts', 'first(one, two);\nsecond(three);'), 1);
    ring.add(offer('file:///a.ts', 'changed(four, five);', 1), 2);
    ring.add(offer('file:///a.ts', 'elsewhere(six, seven);', 40), 3);
    expect(ring.chunks.map(({ text }) => text)).toEqual(['changed(four, five);', 'elsewhere(six, seven);']);
  });

  it('keeps one of two parts that say the same, whatever their files and blanks', () => {
    const ring = new ChunkRing();
    const text = fileText(1, 8);
    ring.add(offer('file:///a.ts', text), 1);
    ring.add(offer('file:///copy.ts', `${text.replaceAll('  ', '\t')}\nreturn value;`), 2);
    expect(ring.chunks.map(({ uri }) => uri)).toEqual(['file:///copy.ts']);
  });

  it('keeps two parts that share few names', () => {
    const ring = new ChunkRing();
    ring.add(offer('file:///a.ts', 'function area(width, height) { return width * height; }'), 1);
    ring.add(offer('file:///b.ts', 'function volume(area, depth) { return area * depth; }'), 2);
    expect(ring.chunks).toHaveLength(2);
  });

  it('takes nothing without identifiers', () => {
    const ring = new ChunkRing();
    ring.add(offer('file:///numbers.csv', '1, 2, 3\n4, 5, 6'), 1);
    expect(ring.chunks).toEqual([]);
  });

  it('forgets a file, and everything', () => {
    const ring = new ChunkRing();
    ring.add(offer('file:///a.ts', 'one(two);'), 1);
    ring.add(offer('file:///b.ts', 'three(four);'), 2);
    ring.forget('file:///a.ts');
    expect(ring.chunks.map(({ uri }) => uri)).toEqual(['file:///b.ts']);
    ring.clear();
    expect(ring.chunks).toEqual([]);
    ring.add(offer('file:///b.ts', 'three(four);'), 3);
    expect(ring.chunks).toHaveLength(1);
  });

  it('stays small and quick when parts of 10,000 files are offered', () => {
    const ring = new ChunkRing();
    const offers = Array.from({ length: 10_000 }, (_, index) =>
      offer(`file:///src/f${index}.ts`, fileText(index, 12)),
    );
    const before = heapBytes();
    const startedUs = process.cpuUsage();
    for (const [index, each] of offers.entries()) ring.add(each, index);
    const { user, system } = process.cpuUsage(startedUs);
    expect(ring.chunks).toHaveLength(256);
    expect(ring.chunks[0]?.uri).toBe('file:///src/f9744.ts');
    expect((user + system) / 1e6).toBeLessThan(1);
    // Terms are counted for a choice, so they are part of what is kept.
    for (const chunk of ring.chunks)
      expect(chunk.length).toBe([...chunk.terms.values()].reduce((a, b) => a + b));
    expect(heapBytes() - before).toBeLessThan(50e6);
  });

  it('compares a bounded number of rows of a part', () => {
    expect(shinglesOf(fileText(1, 500)).length).toBeLessThanOrEqual(32);
    expect(shinglesOf('one')).toHaveLength(1);
  });
});
