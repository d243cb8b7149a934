import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameScanner, type Scanned } from '../../../../sidecar/server/frameScanner.ts';

function frame(body: string, header = 'Content-Length'): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${header}: ${bytes.length}\r\n\r\n`), bytes]);
}

/** Feeds bytes in pieces cut at the given places. */
function scan(bytes: Buffer, cuts: readonly number[] = []): readonly Scanned[] {
  const scanner = new FrameScanner();
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, index) => scanner.push(bytes.subarray(places[index] ?? 0, end)));
}

function bodies(found: readonly Scanned[]): readonly string[] {
  return found.flatMap((scanned) => (scanned.type === 'body' ? [scanned.bytes.toString()] : []));
}

function garbageBytes(found: readonly Scanned[]): number {
  return found.reduce((sum, scanned) => sum + (scanned.type === 'garbage' ? scanned.byteCount : 0), 0);
}

describe('frames', () => {
  it('reads header names in any case, and other headers beside', () => {
    const typed = Buffer.from('Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n');
    const bytes = Buffer.concat([frame('{"a":1}', 'content-LENGTH'), typed, frame('{"b":2}')]);
    expect(bodies(scan(bytes))).toEqual(['{"a":1}', '{"b":2}']);
    expect(garbageBytes(scan(bytes))).toBe(0);
  });

  it('finds the next frame behind bytes that are none', () => {
    const bytes = Buffer.concat([
      Buffer.from('debug: hello\n'),
      frame('{"a":1}'),
      Buffer.from('Con'),
      frame('{}'),
    ]);
    expect(bodies(scan(bytes))).toEqual(['{"a":1}', '{}']);
    expect(garbageBytes(scan(bytes))).toBe('debug: hello\nCon'.length);
  });

  it('takes a length that is no number, or beyond all measure, for garbage', () => {
    for (const value of ['abc', '-5', '', '99999999999']) {
      const bytes = Buffer.concat([Buffer.from(`Content-Length: ${value}\r\n\r\n`), frame('{}')]);
      expect(bodies(scan(bytes))).toEqual(['{}']);
    }
  });

  it('does not collect a header block without end', () => {
    const bytes = Buffer.concat([Buffer.from(`Content-Length: 2\r\nX: ${'x'.repeat(5000)}`), frame('{}')]);
    expect(bodies(scan(bytes))).toEqual(['{}']);
  });

  it('gives the same whatever the pieces, and loses no frame to the garbage around it', () => {
    const body = fc.string({ unit: 'grapheme', maxLength: 40 });
    const junk = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            junk.filter((text) => !/c$/i.test(text)),
            body,
          ),
          { minLength: 1, maxLength: 6 },
        ),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        (parts, cuts) => {
          const bytes = Buffer.concat(
            parts.flatMap(([noise, text]) => [Buffer.from(noise, 'latin1'), frame(text)]),
          );
          const pieces = cuts.filter((cut) => cut <= bytes.length);
          const found = scan(bytes, pieces);
          expect(bodies(found)).toEqual(parts.map(([, text]) => text));
          expect(garbageBytes(found)).toBe(parts.reduce((sum, [noise]) => sum + noise.length, 0));
        },
      ),
    );
  });
});
