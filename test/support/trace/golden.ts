import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../fixtures/traces');

/**
 * Compares text with `test/fixtures/traces/<name>.golden.txt`, exactly. A missing file fails; `UPDATE_GOLDENS=1`
 * writes the files instead, to be read before they are committed.
 */
export function expectGolden(name: string, text: string): void {
  const file = path.join(folder, `${name}.golden.txt`);
  if (process.env['UPDATE_GOLDENS'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
