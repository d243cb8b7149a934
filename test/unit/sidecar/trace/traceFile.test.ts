import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseTrace } from '../../../../protocol/parseTrace.ts';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { readTraceFile, TraceWriter, writeFailure } from '../../../../sidecar/trace/traceFile.ts';
import { runScripted } from '../../../support/engine/scriptedRequest.ts';

let folder = '';
let events: readonly TraceEvent[] = [];
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'entropane-trace-'));
  const script = scriptBySequence([['Drei Katzen 🐈 haben 12 Beine.\nFinal answer:', ' 12']]);
  ({ events } = await runScripted(script, { request: { strategy: 'chainOfThought' } }));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const place = (): string => path.join(folder, 'a.jsonl');
const textOf = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('writing and reading', () => {
  test('what is written is in the file at once and reads back', async () => {
    const writer = new TraceWriter(place());
    for (const [index, event] of events.entries()) {
      writer.write(event);
      expect(parseTrace(readFileSync(place(), 'utf8'), place())).toHaveLength(index + 1);
    }
    writer.close();
    writer.close();
    expect(await readTraceFile(place())).toEqual(events);
  });

  test('never writes over another trace', () => {
    writeFileSync(place(), 'precious');
    expect(() => new TraceWriter(place())).toThrow(expect.objectContaining({ code: 'EEXIST' }) as Error);
    expect(readFileSync(place(), 'utf8')).toBe('precious');
  });

  test.each([
    ['ENOSPC', 'disk.full'],
    ['EDQUOT', 'disk.full'],
    ['EACCES', 'store.unwritable'],
  ])('%s while writing is told as %s', (code, expected) => {
    const cause = Object.assign(new Error(code), { code });
    expect(writeFailure(place(), cause)).toMatchObject({ code: expected, cause });
  });
});

describe('a trace that a crash cut off', () => {
  test('at any byte it reads as the whole lines before', () => {
    const bytes = Buffer.from(textOf(events));
    const firstLine = bytes.indexOf('\n') + 1;
    fc.assert(
      fc.property(fc.integer({ min: firstLine, max: bytes.length }), (length) => {
        const read = parseTrace(bytes.subarray(0, length).toString('utf8'), 'cut.jsonl');
        expect(read).toEqual(events.slice(0, read.length));
        const next = Buffer.byteLength(textOf(events.slice(0, read.length + 1)));
        expect(read.length === events.length || next > length).toBe(true);
      }),
    );
  });
});

describe('what is no trace is refused', () => {
  test.each([
    ['an empty file', () => ''],
    ['a file that is not JSON', () => 'hello\n'],
    ['JSON that is no event', () => '{"type":"hello"}\n'],
    ['one that does not begin at the beginning', () => textOf(events.slice(1))],
    ['one with a line missing', () => textOf([...events.slice(0, 2), ...events.slice(3)])],
    [
      'one with a broken line in the middle',
      () => `${textOf(events.slice(0, 2))}{"type":\n${textOf(events.slice(3))}`,
    ],
    ['a newer version', () => textOf([{ ...firstOf(events), version: 2 }])],
    ['a header that lacks a member', () => textOf([{ ...firstOf(events), seed: undefined }])],
    [
      'columns of unequal length',
      () =>
        textOf(
          events.map((e) => (e.type === 'tokens/appended' ? { ...e, tokens: { ...e.tokens, ids: [] } } : e)),
        ),
    ],
  ])('%s', (_, text) => {
    expect(() => parseTrace(text(), 'bad.jsonl')).toThrow(
      expect.objectContaining({ code: 'trace.unreadable' }) as Error,
    );
  });

  test('a file that is not there', async () => {
    await expect(readTraceFile(place())).rejects.toMatchObject({ code: 'trace.unreadable' });
  });
});

function firstOf(all: readonly TraceEvent[]): TraceEvent {
  const [first] = all;
  if (first === undefined) throw new Error('The request left no events.');
  return first;
}
