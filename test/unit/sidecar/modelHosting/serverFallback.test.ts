import { describe, expect, it } from 'vitest';
import { CodedError, toCodedError } from '../../../../protocol/codedError.ts';
import type { ServerStandIn } from '../../../../protocol/health.ts';
import { cancelled } from '../../../../sidecar/engine/cancelled.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { ServerFallback, usualFallbackLimits } from '../../../../sidecar/modelHosting/serverFallback.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { openRemote } from '../../../support/server/remoteModel.ts';
import { StubServer } from '../../../support/server/stubServer.ts';

const never = new AbortController().signal;
const local = 'two.gguf';

/** A fallback over a stub of a server, which is opened once, and a model of this machine. */
class Desk {
  readonly settings = { ...defaultSettings, model: '', completionModel: local };
  readonly files = new Set([local]);
  readonly said: (ServerStandIn | null)[] = [];
  readonly lines: string[] = [];
  readonly scheduled: ({ readonly run: () => void; readonly delayMs: number } | null)[] = [];
  isOn = true;
  openLeases = 0;
  /** How often the server was to be opened. */
  openings = 0;
  readonly #whenSaid: (() => void)[] = [];
  #opened: Model | null = null;
  readonly fallback: ServerFallback;

  constructor(stub: StubServer, answerMs = usualFallbackLimits.answerMs) {
    this.settings.model = stub.address;
    this.fallback = new ServerFallback({
      owner: {
        assign: () => undefined,
        acquire: (_signal, role) => this.#acquire(stub, role ?? 'questions'),
      },
      settings: () => this.settings,
      isOn: () => this.isOn,
      resolve: (name) =>
        this.files.has(name)
          ? Promise.resolve({ name, path: name, sizeBytes: 1, sha256: null })
          : Promise.reject(new CodedError('model.missing', `There is no ${name}.`, 'Fetch it.')),
      tell: (standIn) => {
        this.said.push(standIn);
        for (const resolve of this.#whenSaid.splice(0)) resolve();
      },
      log: (line) => this.lines.push(line),
      schedule: (run, delayMs) => {
        const at = this.scheduled.push({ run, delayMs }) - 1;
        return () => {
          this.scheduled[at] = null;
        };
      },
      limits: { ...usualFallbackLimits, answerMs },
    });
  }

  /** Name of the model that answers, and why. */
  async answering(signal: AbortSignal = never): Promise<readonly [string, string | null]> {
    const { lease, away } = await this.fallback.lease(signal);
    lease.release();
    return [lease.model.info.identity.name, away];
  }

  /** Does what was put off last. */
  lookAgain(): void {
    this.scheduled.findLast((put) => put !== null)?.run();
  }

  nextSaid(): Promise<void> {
    return new Promise((resolve) => this.#whenSaid.push(resolve));
  }

  async #acquire(stub: StubServer, role: string) {
    const model = role === 'questions' ? await this.#server(stub) : await this.#local();
    this.openLeases += 1;
    return {
      model,
      estimator: entropyRule(uncalibratedThresholds),
      notes: [],
      release: () => {
        this.openLeases -= 1;
      },
    };
  }

  async #server(stub: StubServer): Promise<Model> {
    if (this.#opened !== null) return this.#opened;
    this.openings += 1;
    this.#opened = await openRemote(stub.address);
    return this.#opened;
  }

  #local(): Promise<Model> {
    const identity = { name: local, hash: '0', hashKind: 'sha256' } as const;
    return scriptedModel(scriptBySequence([]), { info: { identity } });
  }
}

describe('a question', () => {
  it('goes to the server that is there', async () => {
    await using stub = await StubServer.start({ modelName: 'coder' });
    const desk = new Desk(stub);
    expect(await desk.answering()).toEqual(['coder', null]);
    expect([desk.said, desk.scheduled, desk.openLeases]).toEqual([[], [], 0]);
  });

  it('goes to a model of this machine where the server cannot be opened, and back once it can', async () => {
    await using stub = await StubServer.start({ modelName: 'coder' });
    const desk = new Desk(stub);
    stub.fail('/props', { type: 'status', status: 503 }, { type: 'status', status: 503 });
    const said = desk.nextSaid();
    expect(await desk.answering()).toEqual([local, expect.stringContaining(`${local} on this machine`)]);
    await said;
    expect(desk.said).toMatchObject([{ modelName: local, host: new URL(stub.address).host }]);
    // The next one does not wait for it.
    expect((await desk.answering())[0]).toBe(local);
    expect(desk.openings).toBe(1);
    const again = desk.nextSaid();
    desk.lookAgain();
    await again;
    const put = desk.scheduled.flatMap((each) => (each === null ? [] : [each.delayMs]));
    expect(put).toEqual([usualFallbackLimits.firstLookMs * 2]);
    const back = desk.nextSaid();
    desk.lookAgain();
    await back;
    expect(desk.said.at(-1)).toBeNull();
    expect(await desk.answering()).toEqual(['coder', null]);
    expect(desk.openLeases).toBe(0);
  });

  it('goes to a model of this machine where the server went away since it was opened', async () => {
    await using stub = await StubServer.start({ modelName: 'coder' });
    const desk = new Desk(stub);
    await desk.answering();
    await stub[Symbol.asyncDispose]();
    expect(await desk.answering()).toEqual([local, expect.stringContaining('cannot be reached')]);
    expect(desk.openLeases).toBe(0);
  });

  it('does not wait for a server that says nothing', async () => {
    await using stub = await StubServer.start({ modelName: 'coder' });
    const desk = new Desk(stub, 30);
    await desk.answering();
    stub.fail('/props', { type: 'silent' });
    expect(await desk.answering()).toEqual([local, expect.stringContaining('sent nothing for 0 s')]);
  });

  it('fails where the key of the server is wrong, or the client wants no other model', async () => {
    await using stub = await StubServer.start({ modelName: 'coder', key: 'sk-1' });
    const desk = new Desk(stub);
    await expect(desk.answering()).rejects.toMatchObject({ code: 'server.refused' });
    desk.isOn = false;
    stub.fail('/props', { type: 'status', status: 503 });
    await expect(desk.answering()).rejects.toMatchObject({ code: 'server.busy' });
    expect([desk.said, desk.scheduled]).toEqual([[], []]);
  });

  it('fails with what is wrong with both where no model of this machine is there', async () => {
    await using stub = await StubServer.start();
    const desk = new Desk(stub);
    desk.files.clear();
    stub.fail('/props', { type: 'status', status: 503 });
    await expect(desk.answering()).rejects.toMatchObject({
      code: 'server.busy',
      message: expect.stringContaining(`There is no ${local}.`) as string,
    });
    expect(desk.said).toEqual([]);
  });

  it('that is called off stays called off', async () => {
    await using stub = await StubServer.start();
    const desk = new Desk(stub);
    const gone = AbortSignal.abort();
    const failed = await desk.fallback.inPlaceOf(cancelled(), gone).catch(toCodedError);
    expect(failed).toMatchObject({ code: 'cancelled' });
    expect(desk.scheduled).toEqual([]);
  });
});

describe('a server that is away', () => {
  it('is forgotten once the settings name another model', async () => {
    await using stub = await StubServer.start();
    const desk = new Desk(stub);
    stub.fail('/props', { type: 'status', status: 503 });
    const said = desk.nextSaid();
    await desk.answering();
    await said;
    desk.settings.model = local;
    desk.fallback.settingsChanged();
    expect(desk.said.at(-1)).toBeNull();
    expect(desk.scheduled).toEqual([null]);
  });

  it('is noted when its model fails to load, before anything is asked', async () => {
    await using stub = await StubServer.start();
    const desk = new Desk(stub);
    const error = new CodedError('server.unreachable', 'Nothing answers there.', 'Start it.').toData();
    const said = desk.nextSaid();
    desk.fallback.see({ state: 'failed', error });
    await said;
    expect(desk.said).toMatchObject([{ modelName: local, why: 'Nothing answers there.' }]);
    desk.fallback.dispose();
    expect(desk.scheduled).toEqual([null]);
  });
});
