import { requireLocal } from '../../../../sidecar/engine/requireLocal.ts';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { SidecarSettings } from '../../../../protocol/messages.ts';
import { CompletionModel } from '../../../../sidecar/modelHosting/completionModel.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { OwnerBench } from '../../../support/sidecar/ownerBench.ts';

const never = new AbortController().signal;
const tooLarge = new CodedError('memory.insufficient', 'It needs 900 MiB.', 'Choose a smaller model.');

/** A completion model over an owner whose loads a test lets through. */
class Roles {
  readonly bench = new OwnerBench();
  readonly chooser = new CompletionModel({
    owner: this.bench.owner,
    resolve: (name) =>
      this.bench.files.has(name)
        ? Promise.resolve({ name, path: name, sizeBytes: 1, sha256: null })
        : Promise.reject(new CodedError('model.missing', `There is no ${name}.`, 'Fetch it.')),
    health: this.bench.health,
    log: (line) => this.bench.log.push(line),
  });

  /** Takes the settings as the application does: the model for questions first. */
  async choose(model: string, completionModel: string): Promise<SidecarSettings> {
    const settings = { ...defaultSettings, model, completionModel };
    this.bench.owner.load(settings).catch(() => undefined);
    await this.chooser.choose(settings);
    return settings;
  }

  /** Lets the load that comes next through, or fails it. */
  async finish(count: number, error?: CodedError): Promise<void> {
    await this.bench.whenLoads(count);
    this.bench.loads[count - 1]?.finish(error);
  }

  async completing(): Promise<string> {
    const lease = await this.chooser.acquire(never);
    lease.release();
    return requireLocal(lease.model.info).path;
  }
}

describe('the model for completions', () => {
  it('is the one for questions where the settings name none', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', '');
    await roles.finish(1);
    expect(await roles.completing()).toBe('one.gguf');
    expect(roles.bench.loads).toHaveLength(1);
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });

  it('is loaded beside the one for questions, after it', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.bench.whenLoads(1);
    expect(roles.bench.loads.map(({ path: file }) => file)).toEqual(['one.gguf']);
    expect(roles.bench.health.value.completions).toEqual({ state: 'starting' });
    await roles.finish(1);
    await roles.finish(2);
    expect(await roles.completing()).toBe('two.gguf');
    expect(requireLocal((await roles.bench.owner.acquire(never)).model.info).path).toBe('one.gguf');
    expect(roles.bench.health.value).toMatchObject({
      state: 'ready',
      modelName: 'one.gguf',
      completions: { state: 'ready', modelName: 'two.gguf' },
    });
  });

  it('does not wait for a server that answers questions', async () => {
    const roles = new Roles();
    roles.bench.servers.replace([{ address: 'http://busy' }]);
    await roles.choose('http://busy', 'two.gguf');
    await roles.bench.whenLoads(2);
    const file = roles.bench.loads.findIndex(({ path: loaded }) => loaded === 'two.gguf');
    await roles.finish(file + 1);
    expect(await roles.completing()).toBe('two.gguf');
  });

  it('is the one for questions where both names are of one file, which is loaded once', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'a.gguf');
    const link = path.join(folder.path, 'b.gguf');
    await writeFile(file, '');
    await symlink(file, link);
    const roles = new Roles();
    roles.bench.files.add(file).add(link);
    await roles.choose(file, link);
    await roles.finish(1);
    expect(await roles.completing()).toBe(file);
    expect(roles.bench.loads).toHaveLength(1);
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });

  it('that does not fit leaves completions to the one for questions, and health says why', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2, tooLarge);
    expect(await roles.completing()).toBe('one.gguf');
    const { value } = roles.bench.health;
    expect(value).not.toHaveProperty('completions');
    expect(value).toMatchObject({
      state: 'ready',
      modelName: 'one.gguf',
      notes: ['a note', expect.stringMatching(/writes completions too.*needs 900 MiB.*Choose a smaller/u)],
    });
    expect(roles.bench.disposed).toEqual([]);
  });

  it('that is not here does so too, until it is chosen again', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'gone.gguf');
    await roles.finish(1);
    expect(await roles.completing()).toBe('one.gguf');
    expect(roles.bench.health.value).toMatchObject({
      notes: ['a note', expect.stringContaining('There is no gone.gguf.')],
    });
    roles.bench.files.add('gone.gguf');
    await roles.choose('one.gguf', 'gone.gguf');
    await roles.finish(2);
    expect(await roles.completing()).toBe('gone.gguf');
    expect(roles.bench.health.value).toMatchObject({ notes: ['a note'] });
  });

  it('completes though the model for questions is missing', async () => {
    const roles = new Roles();
    await roles.choose('gone.gguf', 'two.gguf');
    await roles.finish(1);
    expect(await roles.completing()).toBe('two.gguf');
    expect(roles.bench.health.value).toMatchObject({ state: 'noModel', completions: { state: 'ready' } });
  });

  it('that was unloaded and has no room any more leaves completions to the other from then on', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2);
    await roles.completing();
    // A larger model for questions takes the room of both.
    const loading = roles.bench.owner.load({ ...defaultSettings, model: 'three.gguf' });
    await roles.finish(3, tooLarge);
    await roles.finish(4);
    await loading;
    expect(roles.bench.disposed).toEqual(['one.gguf', 'two.gguf']);
    expect(roles.bench.health.value.completions).toEqual({
      state: 'unloaded',
      modelName: 'two.gguf',
      cause: 'memory',
    });
    const completing = roles.completing();
    await roles.finish(5, tooLarge);
    expect(await completing).toBe('three.gguf');
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });

  it('is not given up when the engine dies, and comes back with the next request', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2);
    await roles.completing();
    roles.bench.fail();
    expect(roles.bench.health.value).toMatchObject({ state: 'failed', completions: { state: 'failed' } });
    const completing = roles.completing();
    await roles.finish(3);
    expect(await completing).toBe('two.gguf');
    expect(roles.bench.health.value.completions).toMatchObject({ state: 'ready' });
  });

  it('leaves completions to the other where the engine dies with each of its loads', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2, new CodedError('engine.failed', 'The thread died.', 'Ask again.'));
    expect(await roles.completing()).toBe('one.gguf');
    expect(roles.bench.loads).toHaveLength(2);
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });

  it('that was overtaken by another choice is not loaded', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.choose('one.gguf', 'three.gguf');
    await roles.finish(1);
    await roles.finish(2);
    expect(await roles.completing()).toBe('three.gguf');
    expect(roles.bench.loads.map(({ path: file }) => file)).toEqual(['one.gguf', 'three.gguf']);
  });
});

describe('the model for completions beside a server for questions', () => {
  const server = 'http://gpu-box:8080';
  const withServer = (): Roles => {
    const roles = new Roles();
    roles.bench.servers.replace([{ address: server }, { address: 'http://other:1' }]);
    return roles;
  };

  it('is none where the settings name none, and health says why', async () => {
    const roles = withServer();
    await roles.choose(server, '');
    await roles.finish(1);
    await expect(roles.chooser.acquire(never)).rejects.toMatchObject({ code: 'model.missing' });
    expect(roles.bench.health.value).toMatchObject({
      state: 'ready',
      completions: { state: 'noModel', error: { message: expect.stringContaining('server') as unknown } },
    });
    expect(roles.bench.loads).toHaveLength(1);
  });

  it('is none where the one of this machine is not here, until it is', async () => {
    const roles = withServer();
    await roles.choose(server, 'gone.gguf');
    await roles.finish(1);
    await expect(roles.chooser.acquire(never)).rejects.toMatchObject({ code: 'model.missing' });
    expect(roles.bench.health.value).toMatchObject({
      state: 'ready',
      notes: ['a note'],
      completions: { state: 'noModel', error: { code: 'model.missing' } },
    });
    roles.bench.files.add('gone.gguf');
    await roles.choose(server, 'gone.gguf');
    await roles.finish(2);
    expect(await roles.completing()).toBe('gone.gguf');
    expect(roles.bench.health.value.completions).toMatchObject({ state: 'ready' });
  });

  it('is none where the one of this machine does not fit', async () => {
    const roles = withServer();
    await roles.choose(server, 'two.gguf');
    await roles.finish(1);
    await roles.finish(2, tooLarge);
    const acquired = roles.chooser.acquire(never);
    await roles.finish(3, tooLarge);
    await expect(acquired).rejects.toMatchObject({ code: 'memory.insufficient' });
    expect(roles.bench.health.value.completions).toMatchObject({
      state: 'failed',
      error: { code: 'memory.insufficient' },
    });
  });

  it('is no other server’s where the one that they name fails', async () => {
    const roles = withServer();
    await roles.choose(server, 'http://other:1');
    await roles.finish(1);
    await roles.finish(2, new CodedError('server.unreachable', 'It is away.', 'Start it.'));
    const acquired = roles.chooser.acquire(never);
    await roles.finish(3, new CodedError('server.unreachable', 'It is away.', 'Start it.'));
    await expect(acquired).rejects.toMatchObject({ code: 'server.unreachable' });
    expect(roles.bench.loads.map(({ path: source }) => source)).toEqual([
      server,
      'http://other:1',
      'http://other:1',
    ]);
  });

  it('is the server’s where they name it', async () => {
    const roles = withServer();
    await roles.choose(server, server);
    await roles.finish(1);
    const lease = await roles.chooser.acquire(never);
    expect(lease.model.info).toMatchObject({ local: null, backend: server });
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });

  it('is none for a completion that waited for a model of this machine when the server took its place', async () => {
    const roles = withServer();
    await roles.choose('one.gguf', '');
    const acquired = roles.chooser.acquire(never);
    await roles.bench.whenLoads(1);
    const choosing = roles.choose(server, '');
    await roles.finish(1);
    await roles.finish(2);
    await choosing;
    await expect(acquired).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('is the one for questions again once that is of this machine', async () => {
    const roles = withServer();
    await roles.choose(server, '');
    await roles.finish(1);
    await roles.choose('one.gguf', 'gone.gguf');
    await roles.finish(2);
    expect(await roles.completing()).toBe('one.gguf');
    expect(roles.bench.health.value).not.toHaveProperty('completions');
    await roles.choose(server, '');
    await roles.finish(3);
    await roles.choose('one.gguf', '');
    await roles.finish(4);
    expect(await roles.completing()).toBe('one.gguf');
    expect(roles.bench.health.value).not.toHaveProperty('completions');
  });
});

describe('a model that nobody uses', () => {
  it('is unloaded when it has nothing to do with completions, and the next question brings it back', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2);
    await roles.completing();
    const due = roles.bench.scheduled.filter((put) => put !== null);
    expect(due).toHaveLength(1);
    due[0]?.run();
    expect(roles.bench.health.value).toMatchObject({
      state: 'unloaded',
      modelName: 'one.gguf',
      cause: 'unused',
      completions: { state: 'ready', modelName: 'two.gguf' },
    });
    expect(roles.bench.log.at(-1)).toBe(
      'unloading the model for questions, which nobody has used for 1 minute',
    );
    const asked = roles.bench.owner.acquire(never);
    await roles.finish(3);
    expect(requireLocal((await asked).model.info).path).toBe('one.gguf');
    expect(roles.bench.health.value.state).toBe('ready');
  });

  it('stays when completions are left to it meanwhile', async () => {
    const roles = new Roles();
    await roles.choose('one.gguf', 'two.gguf');
    await roles.finish(1);
    await roles.finish(2);
    await roles.completing();
    const due = roles.bench.scheduled.filter((put) => put !== null);
    await roles.choose('one.gguf', '');
    due[0]?.run();
    expect(roles.bench.health.value).toMatchObject({ state: 'ready', modelName: 'one.gguf' });
    expect(roles.bench.disposed).toEqual(['two.gguf']);
  });
});
