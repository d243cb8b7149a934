import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GenerateEnd, Prefill } from '../../sidecar/engine/engine.ts';
import { MachineLoad, systemProcessorTimes } from '../../sidecar/engine/llama/decoding/machineLoad.ts';
import { ControlBlock } from '../../sidecar/engine/llama/connection/controlBlock.ts';
import { batchTokens } from '../../sidecar/engine/llama/decoding/batchPlanner.ts';
import { loadModelHost, type ModelHost } from '../../sidecar/engine/llama/modelHost.ts';
import { type NativeRuntime, openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { requestWith } from '../support/engine/generating.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';

/**
 * Cancellation counted in decode calls: the rounds of a real model are run by hand on this thread, so that a test
 * cancels just when it means to and no clock has a say.
 */
const dist = join(import.meta.dirname, '../../dist');
const promptTokens = Array.from({ length: 600 }, (_, i) => 1000 + i);

let runtime: NativeRuntime;
beforeAll(() => {
  runtime = openNativeRuntime(dist);
});

interface Rounds extends Disposable {
  readonly host: ModelHost;
  readonly control: ControlBlock;
  /** Tokens of each decode call that llama.cpp completed. */
  readonly decoded: number[];
  /** Decode calls, those that were not completed included. */
  readonly callCount: number;
  /** Steps by call id. */
  readonly steps: ReadonlyMap<number, number>;
  /** How calls were answered, by call id. */
  readonly answers: ReadonlyMap<number, Prefill | GenerateEnd | string>;
  /** Runs a round and, when given, this as soon as its decode call has begun. */
  round(whileDecoding?: () => void): void;
}

async function openRounds(cLibrary: NativeRuntime['cLibrary']): Promise<Rounds> {
  const control = new ControlBlock();
  const decoded: number[] = [];
  const steps = new Map<number, number>();
  const answers = new Map<number, Prefill | GenerateEnd | string>();
  let callCount = 0;
  let meanwhile: () => void = () => undefined;
  const library: NativeRuntime['library'] = {
    ...runtime.library,
    decode: (context, batch) => {
      callCount += 1;
      meanwhile();
      const code = runtime.library.decode(context, batch);
      if (code === 0) decoded.push(batch.n_tokens);
      return code;
    },
  };
  const host = await loadModelHost(
    {
      runtime: { ...runtime, library, cLibrary },
      bundleFolder: dist,
      control,
      events: {
        prefilled: (callId, prefill) => answers.set(callId, prefill),
        stepped: (callId) => steps.set(callId, (steps.get(callId) ?? 0) + 1),
        ended: (callId, { end }) => answers.set(callId, end),
        failed: (callId, error) => answers.set(callId, error.code),
      },
      now: () => performance.now(),
      date: () => new Date(),
      load: new MachineLoad(systemProcessorTimes, () => performance.now()),
      loaded: () => [],
    },
    {
      path: await installedModelPath('smollm2-135m'),
      options: { contextTokens: 1024, maxSequences: 4, threads: 2, speculation: 'off' },
      isCancelled: () => false,
    },
  );
  // Loading has decoded too.
  decoded.length = 0;
  callCount = 0;
  return {
    host,
    control,
    decoded,
    get callCount() {
      return callCount;
    },
    steps,
    answers,
    round: (whileDecoding = () => undefined) => {
      meanwhile = whileDecoding;
      host.loop.runRound();
      meanwhile = () => undefined;
    },
    [Symbol.dispose]: () => {
      host.dispose();
    },
  };
}

describe.each(['by the C library', 'by a callback'])('with the flag read %s', (how) => {
  const open = (): Promise<Rounds> => openRounds(how === 'by a callback' ? null : runtime.cLibrary);

  it('a prompt cancelled while a call decodes it gives that call up, and keeps those before', async () => {
    using rounds = await open();
    const { sequences } = rounds.host;
    sequences.open(0, { priority: 'interactive' });
    sequences.append(0, 1, promptTokens);
    rounds.round();
    const kept = rounds.decoded.reduce((sum, count) => sum + count, 0);
    expect(kept).toBeGreaterThan(0);
    rounds.round(() => {
      rounds.control.cancel(0);
    });
    // Two calls were made and one of them completed; the next round answers without another.
    rounds.round();
    expect([rounds.callCount, rounds.decoded.length]).toEqual([2, 1]);
    expect(rounds.answers.get(1)).toBe('cancelled');
    expect(sequences.get(0)?.tokens).toEqual([]);
    // Of the call that was given up nothing is left to be found.
    rounds.control.renew(0);
    sequences.append(0, 2, promptTokens.slice(0, kept + 20));
    while (rounds.host.loop.hasWork) rounds.round();
    expect(rounds.answers.get(2)).toMatchObject({ cachedTokenCount: kept });
  });

  it('a prompt cancelled between two calls is part of no other', async () => {
    using rounds = await open();
    const { sequences } = rounds.host;
    sequences.open(0, { priority: 'interactive' });
    sequences.append(0, 1, promptTokens);
    rounds.round();
    rounds.control.cancel(0);
    rounds.round();
    expect([rounds.callCount, rounds.answers.get(1)]).toEqual([1, 'cancelled']);
  });

  it('a background prompt gives up a whole call for whoever comes, and then goes on in shorter ones', async () => {
    using rounds = await open();
    const { host, control, decoded } = rounds;
    host.sequences.open(0, { priority: 'background' });
    host.sequences.append(0, 1, promptTokens);
    rounds.round(() => {
      control.announceUrgent();
    });
    // Until it is known who comes, nothing is begun that would have to be given up.
    rounds.round();
    expect([rounds.callCount, decoded.length]).toEqual([1, 0]);
    control.readUrgent();
    rounds.round(() => {
      control.announceUrgent();
    });
    expect(decoded).toEqual([]);
    control.readUrgent();
    while (host.loop.hasWork) rounds.round();
    // Halved by each loss, and doubled by each call that came to its end.
    expect(decoded.slice(0, 2)).toEqual([batchTokens / 4, batchTokens / 2]);
    const uncached = { tokenCount: promptTokens.length, cachedTokenCount: 0 };
    expect(rounds.answers.get(1)).toMatchObject(uncached);

    // One that nobody interrupts takes all that a call holds.
    host.sequences.close(0);
    decoded.length = 0;
    host.sequences.open(2, { priority: 'background' });
    host.sequences.append(2, 3, promptTokens.toReversed());
    rounds.round();
    expect(decoded[0]).toBe(batchTokens);
  });

  it('a step of a background text is given up for whoever comes, and decoded again', async () => {
    using rounds = await open();
    const { host, control, decoded } = rounds;
    const runAll = (): void => {
      while (host.loop.hasWork) rounds.round();
    };
    const start = (id: number): void => {
      host.sequences.open(id, { priority: 'background' });
      host.sequences.append(id, id, promptTokens.slice(0, 20));
      runAll();
      host.sequences.generate(id, 10 + id, requestWith({ maxTokens: 6 }));
    };
    start(0);
    rounds.round();
    const { callCount } = rounds;
    decoded.length = 0;
    rounds.round(() => {
      control.announceUrgent();
    });
    expect([rounds.callCount - callCount, decoded.length, rounds.steps.get(10)]).toEqual([1, 0, 1]);
    control.readUrgent();
    runAll();
    expect([rounds.steps.get(10), decoded.length]).toEqual([6, 5]);
    // The text is that of one that nobody disturbed.
    const disturbed = host.sequences.get(0)?.tokens;
    host.sequences.close(0);
    start(1);
    runAll();
    expect(host.sequences.get(1)?.tokens).toEqual(disturbed);
  });

  it('a background text gets on when somebody comes in every one of its steps', async () => {
    using rounds = await open();
    const { host, control } = rounds;
    host.sequences.open(0, { priority: 'background' });
    host.sequences.append(0, 0, promptTokens.slice(0, 20));
    while (host.loop.hasWork) rounds.round();
    host.sequences.generate(0, 10, requestWith({ maxTokens: 6 }));
    const { callCount } = rounds;
    for (let step = 0; step < 12; step++) {
      rounds.round(() => {
        control.announceUrgent();
      });
      control.readUrgent();
    }
    // Every second step is lost.
    expect([rounds.steps.get(10), rounds.callCount - callCount]).toEqual([6, 12]);
    expect(rounds.answers.get(10)).toMatchObject({ type: 'maxTokens' });
  });

  it('a generation cancelled while a call decodes it gets the token of that call and no more', async () => {
    using rounds = await open();
    const { sequences } = rounds.host;
    for (const id of [0, 1]) {
      sequences.open(id, { priority: 'interactive' });
      sequences.append(id, id, promptTokens.slice(id, 20));
    }
    while (rounds.host.loop.hasWork) rounds.round();
    for (const id of [0, 1]) sequences.generate(id, 10 + id, requestWith({ maxTokens: 50 }));
    for (let i = 0; i < 3; i++) rounds.round();
    rounds.round(() => {
      rounds.control.cancel(0);
    });
    rounds.round();
    expect(rounds.answers.get(10)).toEqual({ type: 'cancelled' });
    expect(rounds.steps.get(10)).toBe(4);
    // The one beside it loses no round.
    expect(rounds.steps.get(11)).toBe(5);
    expect(rounds.answers.has(11)).toBe(false);
  });
});

it('a cancelled prompt takes no cells from the next, before the round that ends it too', async () => {
  using rounds = await openRounds(runtime.cLibrary);
  const { host, control, answers } = rounds;
  host.sequences.open(0, { priority: 'interactive' });
  host.sequences.append(0, 0, promptTokens);
  control.cancel(0);
  host.sequences.open(1, { priority: 'interactive' });
  host.sequences.append(1, 1, promptTokens.toReversed());
  while (host.loop.hasWork) rounds.round();
  expect([answers.get(0), answers.get(1)]).toEqual([
    'cancelled',
    expect.objectContaining({ tokenCount: promptTokens.length }),
  ]);
});

it('no prompt makes a stream wait for more than one chunk, long or one of many', async () => {
  using rounds = await openRounds(runtime.cLibrary);
  const { host, decoded, steps } = rounds;
  host.sequences.open(0, { priority: 'interactive' });
  host.sequences.append(0, 0, promptTokens.slice(0, 20));
  while (host.loop.hasWork) rounds.round();
  host.sequences.generate(0, 10, requestWith({ maxTokens: 30 }));
  rounds.round();
  decoded.length = 0;
  for (const id of [1, 2, 3]) {
    host.sequences.open(id, { priority: 'interactive', isReproducible: id > 1 });
    host.sequences.append(id, id, promptTokens.slice(10 * id, 10 * id + 250));
  }
  for (let i = 0; i < 12; i++) rounds.round();
  // Every call had the stream's next token in it, and beside it a chunk at most.
  expect(steps.get(10)).toBe(13);
  expect(decoded).toHaveLength(12);
  expect(Math.max(...decoded) - 1).toBeLessThanOrEqual(64);
  expect(Math.max(...decoded)).toBeGreaterThan(1);
});
