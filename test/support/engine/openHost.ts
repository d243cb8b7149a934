import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type {
  GenerateRequest,
  GenerateResult,
  LoadOptions,
  SequenceOptions,
  TokenStep,
} from '../../../sidecar/engine/engine.ts';
import { MachineLoad, systemProcessorTimes } from '../../../sidecar/engine/llama/decoding/machineLoad.ts';
import { ControlBlock } from '../../../sidecar/engine/llama/connection/controlBlock.ts';
import { loadModelHost, type ModelHost } from '../../../sidecar/engine/llama/modelHost.ts';
import { type NativeRuntime, openNativeRuntime } from '../../../sidecar/engine/llama/native/nativeRuntime.ts';
import { installedModelPath } from './realEngine.ts';

/** The small model on the test's own thread, whose decode calls are counted. */
export interface OpenHost extends Disposable {
  readonly host: ModelHost;
  /** Calls of `llama_decode` so far. */
  readonly decodeCalls: () => number;
  /** Threads that each call of `llama_decode` so far was computed with, loading included. */
  readonly threadsOfCalls: () => readonly number[];
  /** A new sequence that holds these tokens; an interactive reproducible one unless told. */
  readonly prompted: (tokens: readonly number[], options?: SequenceOptions) => number;
  /** Generates on some sequences at once, to the end of all. */
  readonly generate: (ids: readonly number[], request: GenerateRequest) => readonly HostAnswer[];
}

export interface HostAnswer {
  readonly steps: readonly TokenStep[];
  readonly result: GenerateResult;
}

let runtime: NativeRuntime | null = null;

/** Two threads that are kept unless `options` says otherwise; `load` is what other programs leave of the machine. */
export async function openHost(
  contextTokens: number,
  options: Partial<LoadOptions> = {},
  load = new MachineLoad(systemProcessorTimes, () => performance.now()),
): Promise<OpenHost> {
  runtime ??= openNativeRuntime(join(import.meta.dirname, '../../../dist'));
  const threadsOfCalls: number[] = [];
  let threads = availableParallelism();
  const { library } = runtime;
  const counting: NativeRuntime = {
    ...runtime,
    library: {
      ...library,
      setThreads: (context, decode, prefill) => {
        threads = decode;
        library.setThreads(context, decode, prefill);
      },
      decode: (context, batch) => {
        threadsOfCalls.push(threads);
        return library.decode(context, batch);
      },
    },
  };
  const steps = new Map<number, TokenStep[]>();
  const results = new Map<number, GenerateResult>();
  const fail = (_callId: number, error: Error): never => {
    throw error;
  };
  const host = await loadModelHost(
    {
      runtime: counting,
      bundleFolder: join(import.meta.dirname, '../../../dist'),
      control: new ControlBlock(),
      events: {
        prefilled: () => undefined,
        stepped: (callId, step) => steps.get(callId)?.push(step),
        ended: (callId, result) => results.set(callId, result),
        failed: fail,
      },
      now: () => performance.now(),
      date: () => new Date(),
      load,
      loaded: () => [],
    },
    {
      path: await installedModelPath('smollm2-135m'),
      options: { contextTokens, maxSequences: 8, threads: 2, speculation: 'off', ...options },
      isCancelled: () => false,
    },
  );
  let nextId = 0;
  let nextCall = 0;
  const runToEnd = (): void => {
    while (host.loop.hasWork) host.loop.runRound();
  };
  return {
    host,
    decodeCalls: () => threadsOfCalls.length,
    threadsOfCalls: () => threadsOfCalls,
    prompted: (tokens, wish = { priority: 'interactive', isReproducible: true }) => {
      const id = nextId++;
      host.sequences.open(id, wish);
      host.sequences.append(id, nextCall++, tokens);
      runToEnd();
      return id;
    },
    generate: (ids, request) => {
      const callIds = ids.map((id) => {
        const callId = nextCall++;
        steps.set(callId, []);
        host.sequences.generate(id, callId, request);
        return callId;
      });
      runToEnd();
      return callIds.map((callId) => {
        const result = results.get(callId);
        if (result === undefined) throw new Error('A generation has no end.');
        return { steps: steps.get(callId) ?? [], result };
      });
    },
    [Symbol.dispose]: () => {
      host.dispose();
    },
  };
}
