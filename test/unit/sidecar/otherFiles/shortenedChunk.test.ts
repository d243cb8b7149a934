import { expect, it } from 'vitest';
import { shortenedChunk } from '../../../../sidecar/otherFiles/shortenedChunk.ts';

const shop = [
  'export class Shop {',
  '  open(hour: number): void {',
  '    this.#doors.unlock();',
  '    this.#lights.on();',
  '  }',
  '',
  '  close(): void {',
  '    this.#doors.lock();',
  '  }',
  '}',
].join('\n');

it('leaves a part alone that fits', () => {
  expect(shortenedChunk(shop, shop.length)).toBe(shop);
});

it('keeps the signatures of a class that does not fit', () => {
  expect(shortenedChunk(shop, shop.length - 1)).toBe(
    [
      'export class Shop {',
      '  open(hour: number): void {',
      '  …',
      '  }',
      '  close(): void {',
      '  …',
      '  }',
      '}',
    ].join('\n'),
  );
});

it('ends with a whole line, and is empty where no line fits', () => {
  expect(shortenedChunk(shop, 60)).toBe('export class Shop {\n  open(hour: number): void {\n  …\n  }');
  expect(shortenedChunk(shop, 10)).toBe('');
});
