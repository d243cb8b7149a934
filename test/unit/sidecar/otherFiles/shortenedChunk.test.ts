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
    ['export class Shop {', '  open(hour: number): void { ... }', '  close(): void { ... }', '}'].join('\n'),
  );
});

it.each([
  ['function f(a) {\n  one();\n  two();\n}', 'function f(a) { ... }'],
  ['function f(\n  a,\n  b,\n) {\n  one(a, b);\n}', 'function f(\n  a,\n  b,\n) { ... }'],
  ['def f(a):\n    one(a)\n    return two(a)', 'def f(a):\n    ...'],
])('keeps the signature of %j', (text, signature) => {
  expect(shortenedChunk(text, text.length - 1)).toBe(signature);
});

it('ends with a whole line, and is empty where no line fits', () => {
  expect(shortenedChunk(shop, 60)).toBe('export class Shop {\n  open(hour: number): void { ... }');
  expect(shortenedChunk(shop, 10)).toBe('');
});
