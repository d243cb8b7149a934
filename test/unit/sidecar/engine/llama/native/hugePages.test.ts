import { describe, expect, it } from 'vitest';
import {
  addedRanges,
  HugePages,
  privateMemory,
} from '../../../../../../sidecar/engine/llama/native/hugePages.ts';
import type { CLibrary } from '../../../../../../sidecar/engine/llama/native/nativeMemory.ts';

const maps = `
00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/node
0143f000-01460000 rw-p 00000000 00:00 0           [heap]
7f0000000000-7f0001000000 rw-p 00000000 00:00 0 
7f0002000000-7f0003000000 rw-p 00000000 08:02 99  /models/some.gguf
7f0004000000-7f0005000000 r--p 00000000 00:00 0 
7f0006000000-7f0007000000 rw-p 00000000 00:00 0
7ffd8a3f0000-7ffd8a411000 rw-p 00000000 00:00 0   [stack]
`;

const range = (start: number, end: number): { start: bigint; end: bigint } => ({
  start: BigInt(start),
  end: BigInt(end),
});

describe('the memory that belongs to no file', () => {
  it('is what is writable and has no name', () => {
    expect(privateMemory(maps)).toEqual([
      { start: 0x7f0000000000n, end: 0x7f0001000000n },
      { start: 0x7f0006000000n, end: 0x7f0007000000n },
    ]);
  });

  it('is nothing where the list cannot be read as one', () => {
    expect(privateMemory('no list')).toEqual([]);
  });
});

describe('what memory was added', () => {
  it.each([
    ['a new area', [range(0, 10)], [range(0, 10), range(20, 30)], [range(20, 30)]],
    ['an area that grew at both ends', [range(10, 20)], [range(5, 30)], [range(5, 10), range(20, 30)]],
    ['what joins two areas', [range(0, 10), range(20, 30)], [range(0, 30)], [range(10, 20)]],
    ['nothing, where areas shrank', [range(0, 30)], [range(5, 10), range(20, 25)], []],
    ['everything, where there was nothing', [], [range(0, 10)], [range(0, 10)]],
  ])('is %s', (_, before, now, added) => {
    expect(addedRanges(before, now)).toEqual(added);
  });
});

describe.runIf(process.platform === 'linux')('large pages', () => {
  it('are asked for where large areas were added, and for nothing else', () => {
    const advised: { bytes: number; advice: number }[] = [];
    const cLibrary: CLibrary = {
      copyMemory: () => undefined,
      stringLength: null,
      adviseMemory: (_, bytes, advice) => advised.push({ bytes, advice }),
    };
    const hugePages = new HugePages(cLibrary);
    hugePages.prefer();
    expect(advised).toEqual([]);
    const bytes = 64 * 1024 * 1024;
    const added = new Uint8Array(bytes).fill(1);
    hugePages.collapse();
    expect(added.at(-1)).toBe(1);
    expect(advised.reduce((sum, area) => sum + area.bytes, 0)).toBeGreaterThanOrEqual(bytes);
    expect(new Set(advised.map(({ advice }) => advice))).toEqual(new Set([25]));
  });

  it('are nobody’s business without a C library', () => {
    expect(() => {
      new HugePages(null).collapse();
    }).not.toThrow();
  });
});
