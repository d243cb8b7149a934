import { requireLocal } from '../../../../sidecar/engine/requireLocal.ts';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { settingDescription, sidecarSettingKeys } from '../../../../protocol/settingsTable.ts';
import { idleMs, oneModel as settings, OwnerBench as Bench } from '../../../support/sidecar/ownerBench.ts';

const never = new AbortController().signal;

describe('the owner of the model', () => {
  it('loads once for all who wait', async () => {
    const bench = new Bench();
    void bench.owner.load(settings);
    const waiting = Promise.all([bench.owner.acquire(never), bench.owner.acquire(never)]);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    const [one, other] = await waiting;
    expect(one.model).toBe(other.model);
    expect(bench.loads).toHaveLength(1);
    expect(bench.states).toEqual(['loading one.gguf', 'ready one.gguf']);
    expect(bench.health.value).toMatchObject({ notes: ['a note'] });
  });

  it('serves without a draft model that cannot be had, and says so', async () => {
    const bench = new Bench();
    const loading = bench.owner.load({ ...settings, draftModel: 'two.gguf' });
    await bench.whenLoads(1);
    // The file has a name and nothing behind it.
    expect(bench.loads[0]?.drafts).toEqual([]);
    bench.loads[0]?.finish();
    await loading;
    expect(bench.states.at(-1)).toBe('ready one.gguf');
    expect(bench.health.value).toMatchObject({ notes: ['a note', expect.stringContaining('two.gguf')] });
  });

  it('opens a server that was added, with its key, and asks nothing of this machine for it', async () => {
    const bench = new Bench();
    bench.servers.replace([{ address: 'http://127.0.0.1:8080/v1', key: 'sk-1' }]);
    const model = 'http://127.0.0.1:8080#team/coder';
    const loading = bench.owner.load({ ...settings, model, draftModel: 'two.gguf' });
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await loading;

    expect(bench.loads[0]).toMatchObject({
      path: 'http://127.0.0.1:8080',
      drafts: undefined,
      prefixFiles: undefined,
    });
    expect(bench.entered).toEqual([]);
    expect(bench.states.at(-2)).toBe('loading team/coder at http://127.0.0.1:8080');
    expect(JSON.stringify(bench.health.value)).not.toContain('sk-1');
  });

  it('sends nothing to a server that nobody added', async () => {
    const bench = new Bench();
    const loading = bench.owner.load({ ...settings, model: 'http://user:secret@127.0.0.1:8080' });

    await expect(loading).rejects.toMatchObject({
      code: 'server.unknown',
      message: expect.not.stringContaining('secret') as string,
    });
    expect(bench.loads).toEqual([]);
  });

  it('loads the draft model that is chosen while the model stays the same', async () => {
    const bench = new Bench();
    void bench.owner.load(settings);
    void bench.owner.load({ ...settings, draftModel: 'two.gguf' });
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    expect(requireLocal((await bench.owner.acquire(never)).model.info).path).toBe('one.gguf');
  });

  it.each(sidecarSettingKeys)('is loaded anew for %s only where the table says so', async (key) => {
    const bench = new Bench();
    const first = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await first;
    const second = bench.owner.load({ ...settings, [key]: 'two.gguf' });
    const isNew = key === 'model' || settingDescription(key).acts === 'nextLoad';
    expect(second === first).toBe(!isNew);
    if (!isNew) return;
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    await second;
    expect(bench.disposed).toEqual(['one.gguf']);
  });

  it('lets go of one model before it takes the next, and the last wish wins', async () => {
    const bench = new Bench();
    const first = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await first;
    const second = bench.owner.load({ ...settings, model: 'two.gguf' });
    await bench.whenLoads(2);
    const third = bench.owner.load(settings);
    bench.loads[1]?.finish();
    await second;
    await bench.whenLoads(3);
    bench.loads[2]?.finish();
    await third;
    expect(bench.disposed).toEqual(['one.gguf', 'two.gguf']);
    expect(bench.states.at(-1)).toBe('ready one.gguf');
  });

  it('ends the requests on a model before it lets go of it, whatever the reason', async () => {
    const bench = new Bench();
    const first = bench.owner.load(settings);
    await bench.whenLoads(1);
    // Nothing runs on a model that is still loading: who waits for it is given the one that comes instead.
    const waiting = bench.owner.acquire(never);
    const second = bench.owner.load({ ...settings, contextTokens: 512 });
    bench.loads[0]?.finish();
    const overtaken = await first;
    await bench.whenLoads(2);
    expect(bench.endings).toEqual([]);
    bench.loads[1]?.finish();
    expect((await waiting).model).toBe((await second).model);
    expect((await waiting).model).not.toBe(overtaken.model);
    // The same file with other settings.
    void bench.owner.load({ ...settings, contextTokens: 512 });
    expect(bench.endings).toEqual([]);
    const third = bench.owner.load({ ...settings, contextTokens: 1024 });
    expect(bench.endings).toEqual([1]);
    await bench.whenLoads(3);
    bench.loads[2]?.finish();
    await third;
    // A file that is not there takes the place all the same.
    await expect(bench.owner.load({ ...settings, model: 'gone.gguf' })).rejects.toMatchObject({
      code: 'model.missing',
    });
    expect(bench.endings).toEqual([1, 2]);
    expect(bench.disposed).toEqual(['one.gguf', 'one.gguf', 'one.gguf']);
  });

  it('looks again for a model that was missing', async () => {
    const bench = new Bench();
    bench.files.delete('one.gguf');
    await expect(bench.owner.load(settings)).rejects.toMatchObject({ code: 'model.missing' });
    expect(bench.health.value.state).toBe('noModel');
    bench.files.add('one.gguf');
    const acquired = bench.owner.acquire(never);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    expect(requireLocal((await acquired).model.info).path).toBe('one.gguf');
  });

  it('tells of a load that failed, and tries anew when asked again', async () => {
    const bench = new Bench();
    const failing = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish(new CodedError('model.unreadable', 'Torn.', 'Fetch it again.'));
    await expect(failing).rejects.toMatchObject({ code: 'model.unreadable' });
    expect(bench.health.value).toMatchObject({ state: 'failed', error: { code: 'model.unreadable' } });
    const again = bench.owner.acquire(never);
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    expect(requireLocal((await again).model.info).path).toBe('one.gguf');
  });

  it('says that the engine died under its model, and loads it anew when asked again', async () => {
    const bench = new Bench();
    const first = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    const lost = await first;
    bench.fail();
    expect(bench.health.value).toMatchObject({ state: 'failed', error: { code: 'engine.failed' } });
    const again = bench.owner.acquire(never);
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    expect((await again).model).not.toBe(lost.model);
    expect(bench.disposedEstimators).toBe(1);
    expect(bench.health.value.state).toBe('ready');
  });

  it('does not serve with a model that was lost while the rest was loaded', async () => {
    const bench = new Bench();
    let open = (): void => undefined;
    bench.estimatorGate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const loading = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await new Promise(setImmediate);
    bench.fail();
    open();
    await expect(loading).rejects.toMatchObject({ code: 'engine.failed' });
    expect(bench.disposedEstimators).toBe(1);
    expect(bench.states).toEqual(['loading one.gguf', 'failed']);
  });

  it('keeps quiet about an engine that dies when no model is left', async () => {
    const bench = new Bench();
    const loading = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await loading;
    await bench.owner.release('one.gguf');
    bench.fail();
    expect(bench.health.value.state).toBe('noModel');
  });

  it('does not keep whoever has stopped waiting', async () => {
    const bench = new Bench();
    void bench.owner.load(settings);
    const leaving = new AbortController();
    const waiting = bench.owner.acquire(leaving.signal);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    expect(requireLocal((await bench.owner.acquire(never)).model.info).path).toBe('one.gguf');
  });

  it('hands the engine what is known of the file', async () => {
    const bench = new Bench();
    bench.hashes.set('two.gguf', 'f0ed');
    void bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    void bench.owner.load({ ...settings, model: 'two.gguf' });
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    const identity = { name: 'two.gguf', hash: 'f0ed', hashKind: 'sha256' };
    expect(bench.loads.map((load) => load.identity)).toEqual([undefined, identity]);
  });

  it('forgets a model whose file is to be deleted', async () => {
    const bench = new Bench();
    const loading = bench.owner.load(settings);
    await bench.whenLoads(1);
    bench.loads[0]?.finish();
    await loading;
    await bench.owner.release('two.gguf');
    expect(bench.endings).toEqual([]);
    expect(bench.health.value.state).toBe('ready');
    await bench.owner.release('one.gguf');
    expect(bench.endings).toEqual([0]);
    expect(bench.disposed).toEqual(['one.gguf']);
    expect(bench.disposedEstimators).toBe(1);
    expect(bench.health.value.state).toBe('noModel');
  });
});

const shortOfMemory = new CodedError('memory.insufficient', 'Too big.', 'Choose a smaller model.');

describe('measuring at rest', () => {
  it('is offered each model of health once nobody uses it, and no other', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    await bench.serve('two.gguf', 'completions');
    await bench.serve('three.gguf', 'fast');
    expect(bench.idled).toEqual(['one.gguf', 'two.gguf']);
    const lease = await bench.owner.acquire(never, 'completions');
    expect(bench.idled).toHaveLength(2);
    lease.release();
    expect(bench.idled).toEqual(['one.gguf', 'two.gguf', 'two.gguf']);
  });

  it('is called off by every request for a model, before that gets it', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    const before = bench.wantedCount;
    const acquired = bench.owner.acquire(never);
    expect(bench.wantedCount).toBe(before + 1);
    (await acquired).release();
  });

  it('shows in health, from the load on where the speed was known, and once it was measured', async () => {
    const bench = new Bench();
    const pace = { prefillTokensPerSecond: 300, decodeTokensPerSecond: 50 };
    bench.paces.set('one.gguf', pace);
    await bench.serve('one.gguf', 'questions');
    await bench.serve('two.gguf', 'completions');
    expect(bench.health.value).toMatchObject({ pace, completions: { state: 'ready' } });
    expect(bench.health.value.completions).not.toHaveProperty('pace');
    const lease = await bench.owner.acquire(never, 'completions');
    lease.release();
    bench.owner.notePace(lease.model, { ...pace, decodeTokensPerSecond: 70 });
    expect(bench.health.value).toMatchObject({
      pace,
      completions: { pace: { decodeTokensPerSecond: 70 } },
    });
  });
});

describe('several models', () => {
  it('are loaded one a role when they are asked for, and only that for questions speaks for health', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    bench.owner.assign('fast', { ...settings, model: 'two.gguf' });
    expect(bench.loads).toHaveLength(1);
    expect(bench.owner.isServing('fast')).toBe(false);
    const fast = bench.owner.acquire(never, 'fast');
    await bench.whenLoads(2);
    bench.loads[1]?.finish();
    expect(requireLocal((await fast).model.info).path).toBe('two.gguf');
    expect(bench.owner.isServing('fast')).toBe(true);
    expect(bench.states).toEqual(['loading one.gguf', 'ready one.gguf']);
    bench.owner.assign('fast', { ...settings, model: 'gone.gguf' });
    expect(bench.endedRoles).toEqual(['fast']);
    await expect(bench.owner.acquire(never, 'fast')).rejects.toMatchObject({ code: 'model.missing' });
    expect(bench.health.value.state).toBe('ready');
    expect(bench.disposed).toEqual(['two.gguf']);
    bench.owner.assign('fast', null);
    await expect(bench.owner.acquire(never, 'fast')).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('make room for another, least recently used first, and come back when they are asked for', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'path:one.gguf');
    bench.nowMs = 1;
    await bench.serve('two.gguf', 'fast');
    const loading = bench.owner.load({ ...settings, model: 'three.gguf' });
    await bench.whenLoads(3);
    bench.loads[2]?.finish(shortOfMemory);
    await bench.whenLoads(4);
    expect(bench.disposed).toEqual(['one.gguf']);
    bench.loads[3]?.finish();
    await loading;
    const again = bench.owner.acquire(never, 'path:one.gguf');
    await bench.whenLoads(5);
    bench.loads[4]?.finish();
    expect(requireLocal((await again).model.info).path).toBe('one.gguf');
    expect(bench.disposed).toEqual(['one.gguf']);
  });

  it('are never unloaded while somebody uses them, nor that for questions for another', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    await bench.serve('two.gguf', 'fast');
    const lease = await bench.owner.acquire(never, 'fast');
    const loading = bench.owner.load({ ...settings, model: 'three.gguf' }, 'path:three.gguf');
    await bench.whenLoads(3);
    bench.loads[2]?.finish(shortOfMemory);
    await expect(loading).rejects.toMatchObject({ code: 'memory.insufficient' });
    expect(bench.disposed).toEqual([]);
    lease.release();
    const again = bench.owner.load({ ...settings, model: 'three.gguf' }, 'path:three.gguf');
    await bench.whenLoads(4);
    bench.loads[3]?.finish(shortOfMemory);
    await bench.whenLoads(5);
    bench.loads[4]?.finish(shortOfMemory);
    await expect(again).rejects.toMatchObject({ code: 'memory.insufficient' });
    expect(bench.disposed).toEqual(['two.gguf']);
  });

  it('are unloaded once nobody has used them for a while, but for that for questions', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    expect(bench.scheduled).toEqual([]);
    await bench.serve('two.gguf', 'fast');
    expect(bench.scheduled).toMatchObject([{ delayMs: idleMs }]);
    const lease = await bench.owner.acquire(never, 'fast');
    expect(bench.scheduled).toEqual([null]);
    const other = await bench.owner.acquire(never, 'fast');
    lease.release();
    lease.release();
    expect(bench.scheduled).toEqual([null]);
    other.release();
    bench.scheduled[1]?.run();
    await new Promise(setImmediate);
    expect(bench.disposed).toEqual(['two.gguf']);
    expect(bench.endedRoles).toEqual([]);
    expect(bench.owner.isServing('questions')).toBe(true);
  });

  it('that are one and the same are freed with the last of their roles', async () => {
    const bench = new Bench();
    bench.sharesLoads = true;
    await bench.serve('one.gguf', 'questions');
    bench.owner.assign('fast', settings);
    expect((await bench.owner.acquire(never, 'fast')).model).toBe((await bench.owner.acquire(never)).model);
    bench.owner.assign('fast', null);
    await new Promise(setImmediate);
    expect(bench.disposed).toEqual([]);
    await bench.owner.release('one.gguf');
    expect(bench.disposed).toEqual(['one.gguf']);
  });

  it('are all lost with the engine, and each is loaded anew when it is asked for', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    await bench.serve('two.gguf', 'fast');
    bench.fail();
    expect(bench.owner.isServing('questions')).toBe(false);
    expect(bench.owner.isServing('fast')).toBe(false);
    expect(bench.health.value.state).toBe('failed');
    await bench.serve('two.gguf', 'fast');
    expect(bench.loads).toHaveLength(3);
    expect(bench.health.value.state).toBe('failed');
  });
});

describe('a file that another process has in memory', () => {
  it('is loaded with a warning, which is in the log before the load', async () => {
    const bench = new Bench();
    bench.othersWith.set('one.gguf', [7, 8]);
    const loading = bench.owner.load(settings);
    await bench.whenLoads(1);
    expect(bench.log).toEqual([
      expect.stringMatching(/one\.gguf will be in memory more than once: 2 other processes.*7, 8/u),
    ]);
    bench.loads[0]?.finish();
    await loading;
    expect(bench.health.value).toMatchObject({
      notes: ['a note', expect.stringContaining('more than once')],
    });
  });

  it('is known to be here for as long as some role has it', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    await bench.serve('two.gguf', 'fast');
    expect(bench.entered).toEqual(['one.gguf', 'two.gguf']);
    bench.owner.assign('fast', null);
    await new Promise(setImmediate);
    expect(bench.entered).toEqual(['one.gguf']);
    const failing = bench.owner.load({ ...settings, model: 'three.gguf' }, 'path:three.gguf');
    await bench.whenLoads(3);
    expect(bench.entered).toEqual(['one.gguf', 'three.gguf']);
    bench.loads[2]?.finish(shortOfMemory);
    await expect(failing).rejects.toMatchObject({ code: 'memory.insufficient' });
    expect(bench.entered).toEqual(['one.gguf']);
    await bench.owner.dispose();
    expect(bench.entered).toEqual([]);
  });
});

describe('prefixes on disk', () => {
  it('are asked for where they are switched on and a workspace is open', async () => {
    const bench = new Bench();
    await bench.serve('one.gguf', 'questions');
    bench.prefixFolder = '/store/prefixes/here';
    await bench.serve('two.gguf', 'fast');
    void bench.owner.load({ ...settings, prefixDiskBytesLimit: 5000 });
    await bench.whenLoads(3);
    expect(bench.loads.map(({ prefixFiles }) => prefixFiles)).toEqual([
      undefined,
      undefined,
      { folder: '/store/prefixes/here', budgetBytes: 5000 },
    ]);
  });
});
