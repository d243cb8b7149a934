import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { requestIdSource } from '../../../../sidecar/trace/requestId.ts';
import { completionShare, type TracedRequest, TraceStore } from '../../../../sidecar/trace/traceStore.ts';
import { runScripted } from '../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

let folder = '';
let events: readonly TraceEvent[] = [];
const clock = new ManualClock();
const plenty = { files: 100, completionFiles: 100, bytes: 1e9 };

beforeEach(async () => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'entropane-traces-')), 'traces');
  ({ events } = await runScripted(scriptBySequence([['Twelve.']])));
});
afterEach(() => {
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

const neverEnded = (): void => {
  throw new Error('No process ends in these tests.');
};

/** Writes a whole trace through a store and dates it, so that order does not depend on how quick the disk is. */
async function record(store: TraceStore, requestId: string, ageMinutes: number): Promise<void> {
  write(store, asking(requestId), ageMinutes);
  await store.whenIdle();
}

function write(store: TraceStore, request: TracedRequest, ageMinutes: number): void {
  const writer = store.create(request, neverEnded);
  for (const event of events)
    writer.write(event.type === 'request/started' ? { ...event, ...request } : event);
  store.close(writer);
  date(writer.path, ageMinutes);
}

const asking = (requestId: string): TracedRequest => ({ requestId, kind: 'ask' });
const completing = (requestId: string): TracedRequest => ({ requestId, kind: 'completion' });

function date(file: string, ageMinutes: number): void {
  const time = new Date(clock.date().getTime() - ageMinutes * 60_000);
  utimesSync(file, time, time);
}

function names(of = folder): readonly string[] {
  return readdirSync(of)
    .map((name) => path.parse(name).name)
    .sort();
}

describe('bounds', () => {
  test('keeps the newest by number', async () => {
    const store = new TraceStore(folder, { ...plenty, files: 2 }, clock);
    await record(store, 'c', 30);
    await record(store, 'b', 20);
    await record(store, 'a', 10);
    expect(names()).toEqual(['a', 'b']);
  });

  test('keeps the newest by bytes', async () => {
    const roomy = new TraceStore(folder, plenty, clock);
    await record(roomy, 'b', 20);
    const [{ sizeBytes } = { sizeBytes: 0 }] = await roomy.list();
    const store = new TraceStore(folder, { ...plenty, bytes: Math.floor(sizeBytes * 1.5) }, clock);
    await record(store, 'a', 10);
    expect(names()).toEqual(['a']);
  });

  test('the view beside a trace counts and goes with it', async () => {
    const store = new TraceStore(folder, { ...plenty, bytes: 100_000 }, clock);
    await record(store, 'b', 20);
    writeFileSync(path.join(folder, 'b.html'), 'x'.repeat(99_999));
    await record(store, 'a', 10);
    expect(readdirSync(folder)).toEqual(['a.jsonl']);
  });

  test('limits that shrink take effect with the next trace', async () => {
    const store = new TraceStore(folder, plenty, clock);
    for (const [index, name] of ['c', 'b', 'a'].entries()) await record(store, name, 30 - index);
    store.changeLimits({ ...plenty, files: 1 });
    await record(store, 'z', 0);
    expect(names()).toEqual(['z']);
  });

  test('never removes the one that is being written, however old it looks', async () => {
    const store = new TraceStore(folder, { ...plenty, files: 1 }, clock);
    const writer = store.create(asking('open'), neverEnded);
    writer.write(firstOf(events));
    date(writer.path, 600);
    await record(store, 'a', 5);
    expect(names()).toEqual(['a', 'open']);
    store.close(writer);
    await store.whenIdle();
    expect(names()).toEqual(['a']);
  });

  test('leaves alone what another process may be writing, and clears what one left behind long ago', async () => {
    const other = new TraceStore(folder, plenty, clock);
    for (const [name, ageMinutes] of [
      ['writing', 30],
      ['crashed', 90],
    ] as const) {
      const writer = other.create(asking(name), neverEnded);
      writer.write(firstOf(events));
      date(writer.path, ageMinutes);
    }
    await record(new TraceStore(folder, { ...plenty, files: 1 }, clock), 'a', 0);
    expect(names()).toEqual(['a', 'writing']);
  });

  test('other files in the folder are not touched', async () => {
    const store = new TraceStore(folder, { ...plenty, files: 0, bytes: 0 }, clock);
    await record(store, 'a', 0);
    writeFileSync(path.join(folder, 'notes.txt'), 'mine');
    await record(store, 'b', 0);
    expect(names()).toEqual(['notes']);
  });

  test('requests that end at once leave the store within its bounds', async () => {
    const store = new TraceStore(folder, { ...plenty, files: 3 }, clock);
    await Promise.all(Array.from({ length: 12 }, (_, index) => record(store, `r-${index}`, 60 - index)));
    expect(names()).toEqual(['r-10', 'r-11', 'r-9']);
  });
});

describe('completions', () => {
  const completions = (): string => path.join(folder, 'completions');

  test('a thousand of them remove no question', async () => {
    const store = new TraceStore(folder, { files: 200, completionFiles: 200, bytes: 268_435_456 }, clock);
    write(store, asking('question'), 2000);
    for (let index = 0; index < 1000; index++) write(store, completing(`c-${index}`), 1000 - index);
    await store.whenIdle();
    expect(names()).toEqual(['completions', 'question']);
    const kept = Array.from({ length: 200 }, (_, index) => `c-${800 + index}`);
    expect(names(completions())).toEqual(kept.sort());
  });

  test('have a share of the bytes, and questions the rest', async () => {
    const roomy = new TraceStore(folder, plenty, clock);
    await record(roomy, 'question', 90);
    const [{ sizeBytes } = { sizeBytes: 0 }] = await roomy.list();
    // Room for one completion, or for seven questions.
    const store = new TraceStore(folder, { ...plenty, bytes: (sizeBytes * 1.2) / completionShare }, clock);
    for (let index = 0; index < 20; index++) write(store, completing(`c-${index}`), 20 - index);
    await store.whenIdle();
    expect(names()).toEqual(['completions', 'question']);
    expect(names(completions())).toEqual(['c-19']);
    for (let index = 0; index < 20; index++) write(store, asking(`q-${10 + index}`), 20 - index);
    await store.whenIdle();
    expect(names().length - 1).toBeGreaterThan(1);
    expect(names()).toContain('q-29');
    expect(names(completions())).toEqual(['c-19']);
  });

  test('that an earlier version left among the questions are moved, with their views', async () => {
    const store = new TraceStore(folder, { ...plenty, files: 2 }, clock);
    write(store, completing('old'), 10);
    renameSync(path.join(completions(), 'old.jsonl'), path.join(folder, 'old.jsonl'));
    writeFileSync(path.join(folder, 'old.html'), 'view');
    const later = new TraceStore(folder, { ...plenty, files: 2 }, clock);
    await record(later, 'a', 30);
    await record(later, 'b', 20);
    expect(names()).toEqual(['a', 'b', 'completions']);
    expect(readdirSync(completions()).sort()).toEqual(['old.html', 'old.jsonl']);
    expect((await later.read('old'))[0]).toMatchObject({ kind: 'completion', requestId: 'old' });
    expect((await later.list()).map(({ requestId }) => requestId).sort()).toEqual(['a', 'b', 'old']);
  });
});

describe('listing and reading', () => {
  test('lists the newest first and leaves out what is no trace', async () => {
    const store = new TraceStore(folder, plenty, clock);
    await record(store, 'a-1', 20);
    await record(store, 'a-2', 10);
    writeFileSync(path.join(folder, 'broken.jsonl'), 'not a trace\n');
    const listed = await store.list();
    expect(listed.map((summary) => summary.requestId)).toEqual(['a-2', 'a-1']);
    expect(listed[0]).toMatchObject({ kind: 'ask', path: path.join(folder, 'a-2.jsonl') });
  });

  test('lists a question with much that went along', async () => {
    const store = new TraceStore(folder, plenty, clock);
    const attachments = [{ languageId: '', path: 'a.txt', text: 'word '.repeat(50_000) }];
    const long = { ...asking('long'), context: { attachments, conversation: [] } };
    write(store, long, 10);
    expect((await store.list()).map(({ requestId }) => requestId)).toEqual(['long']);
    expect((await store.read('long'))[0]).toMatchObject({ context: { attachments } });
  });

  test('an empty store lists nothing and creates nothing', async () => {
    expect(await new TraceStore(folder, plenty, clock).list()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test('reads a trace while it is written', async () => {
    const store = new TraceStore(folder, plenty, clock);
    const writer = store.create(asking('live'), neverEnded);
    for (const event of events.slice(0, 3)) writer.write(event);
    expect(await store.read('live')).toEqual(events.slice(0, 3));
    store.close(writer);
  });

  test('closes one whose writer was killed, with what was last known', async () => {
    const killed = new TraceStore(folder, plenty, clock);
    const writer = killed.create(asking('killed'), neverEnded);
    for (const event of events.slice(0, 3)) writer.write(event);
    const read = await new TraceStore(folder, plenty, clock).read('killed');
    expect(read.slice(0, 3)).toEqual(events.slice(0, 3));
    expect(read.slice(3)).toMatchObject([
      { type: 'request/failed', seq: 3, error: { code: 'sidecar.gone' } },
    ]);
    expect(reduceTraceAll(initialTraceState, read).status.type).toBe('failed');
    writer.close();
  });

  test.each(['nothing', '../traces/a', 'a/../../b', '', 'a.jsonl'])('%j is no request', async (requestId) => {
    const store = new TraceStore(folder, plenty, clock);
    await expect(store.read(requestId)).rejects.toMatchObject({ code: 'request.unknown' });
  });

  test('the same id twice is refused, not mixed', () => {
    const store = new TraceStore(folder, plenty, clock);
    store.create(asking('a'), neverEnded);
    expect(() => store.create(asking('a'), neverEnded)).toThrow(
      expect.objectContaining({ code: 'store.unwritable' }) as Error,
    );
  });
});

test('request ids sort by age and differ between requests and processes', () => {
  const time = new ManualClock();
  const first = requestIdSource(time, 41);
  const second = requestIdSource(time, 42);
  const ids = [first(), first(), second()];
  time.advance(5);
  const later = first();
  expect(new Set([...ids, later]).size).toBe(4);
  for (const id of ids) expect(id < later).toBe(true);
  expect(later).toMatch(/^[\w-]+$/);
});

function firstOf(all: readonly TraceEvent[]): TraceEvent {
  const [first] = all;
  if (first === undefined) throw new Error('The request left no events.');
  return first;
}
