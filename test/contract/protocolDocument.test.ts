import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const source = readFileSync(path.join(root, 'protocol/messages.ts'), 'utf8');
const document = readFileSync(path.join(root, 'docs/PROTOCOL.md'), 'utf8');

test('every message of the protocol is described', () => {
  const methods = [...source.matchAll(/^ {2}'(entropane\/[^']+)':/gm)].map((match) => match[1] ?? '');
  expect(methods.length).toBeGreaterThan(10);
  expect(methods.filter((method) => !document.includes(`\`${method}\``))).toEqual([]);
});

test('the description names no message that does not exist', () => {
  const named = [...document.matchAll(/`(entropane\/[a-z/]+)`/g)].map((match) => match[1] ?? '');
  expect(named.filter((method) => !source.includes(`'${method}'`))).toEqual([]);
});

test('the description was read against the current messages', () => {
  const hash = createHash('sha256').update(source).digest('hex');
  const recorded = /protocol\/messages\.ts sha256: ([0-9a-f]{64})/.exec(document)?.[1];
  expect(
    recorded,
    'Read docs/PROTOCOL.md against protocol/messages.ts, correct it, then record the hash',
  ).toBe(hash);
});
