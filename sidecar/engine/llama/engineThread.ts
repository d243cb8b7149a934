import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { toCodedError } from '../../../protocol/codedError.ts';
import { systemClock } from '../../process/clock.ts';
import { ControlBlock } from './connection/controlBlock.ts';
import { StepOutbox, transferableOf } from './connection/stepOutbox.ts';
import type {
  CommandMessage,
  CommandResult,
  Commands,
  LoadParams,
  ThreadMessage,
  ThreadSettings,
} from './connection/threadProtocol.ts';
import { MachineLoad, sampleEveryMs, systemProcessorTimes } from './decoding/machineLoad.ts';
import { type ModelDemand, modelTurn } from './decoding/modelTurn.ts';
import type { LoopEvents } from './decoding/workAnswers.ts';
import type { HostDependencies } from './loading/hostDependencies.ts';
import type { LoadTask } from './loading/targetFile.ts';
import { checkLoad, loadModelHost, type ModelHost } from './modelHost.ts';
import { type NativeRuntime, openNativeRuntime } from './native/nativeRuntime.ts';
import { performTrial } from './trial/trialLoad.ts';
import { trialFlag } from './trial/trialProtocol.ts';

/** A command that is done when it is received. Loading and the end wait for something. */
type PromptCommand = Exclude<
  CommandMessage,
  { readonly name: 'model/load' | 'model/check' | 'thread/dispose' | 'thread/halt' }
>;
type SequenceCommand = Extract<PromptCommand, { readonly name: `sequence/${string}` }>;

/**
 * The engine thread: owns llama.cpp. Commands come in between two decode rounds; while there is work,
 * rounds follow each other with one turn of the event loop in between, in which messages are read.
 */
class EngineThread {
  readonly #port: MessagePort;
  readonly #settings: ThreadSettings;
  readonly #control: ControlBlock;
  readonly #outbox: StepOutbox;
  readonly #models = new Map<number, ModelHost>();
  readonly #hostOfSequence = new Map<number, ModelHost>();
  readonly #loading = new Set<Promise<void>>();
  /** Loads come one after another: each is fitted into what those before it have left of the memory. */
  #lastLoad: Promise<void> = Promise.resolve();
  #runtime: NativeRuntime | null = null;
  /** The next turn: none, already on its way, or waiting for owners (see `BatchJoinWindow`). */
  #next: 'none' | 'soon' | NodeJS.Timeout = 'none';
  #isDisposing = false;
  #isHalted = false;
  readonly #machineLoad = new MachineLoad(systemProcessorTimes, now);
  readonly #sampling: NodeJS.Timeout;

  constructor(port: MessagePort, settings: ThreadSettings) {
    this.#port = port;
    this.#settings = settings;
    this.#control = new ControlBlock(settings.control);
    this.#outbox = new StepOutbox(now);
    this.#machineLoad.sample();
    this.#sampling = setInterval(() => {
      this.#machineLoad.sample();
    }, sampleEveryMs).unref();
    port.on('message', (message: CommandMessage) => {
      this.#receive(message);
    });
    // An error that nobody caught ends the thread but not the process, which would keep the weights for good.
    process.once('exit', () => {
      for (const host of this.#models.values()) host.dispose();
    });
  }

  #receive(message: CommandMessage): void {
    if (this.#isHalted) return;
    if (message.isUrgent) this.#control.readUrgent();
    // Only loading waits for files, and the end for loading; everything else is done when this returns.
    if (message.name === 'model/load' || message.name === 'model/check') {
      const loading = this.#lastLoad
        .then(() =>
          message.name === 'model/load'
            ? this.#load(message.callId, message.params)
            : this.#check(message.callId, message.params),
        )
        .catch((thrown: unknown) => {
          this.#fail(message.callId, thrown);
        });
      this.#lastLoad = loading;
      this.#loading.add(loading);
      void loading.finally(() => this.#loading.delete(loading));
      return;
    }
    if (message.name === 'thread/dispose') {
      void this.#dispose(message.callId);
      return;
    }
    if (message.name === 'thread/halt') {
      // Loads under way stop where they look next.
      this.#isDisposing = true;
      this.#isHalted = true;
      this.#control.confirmHalt();
      return;
    }
    try {
      this.#perform(message);
    } catch (thrown) {
      this.#fail(message.callId, thrown);
    }
    this.#start();
  }

  #perform(message: PromptCommand): void {
    const { callId } = message;
    switch (message.name) {
      case 'model/dispose':
        this.#disposeModel(message.params.modelId);
        this.#done(callId, null);
        return;
      case 'text/tokenize': {
        const { modelId, text, special } = message.params;
        const { vocabulary, sequences } = this.#model(modelId);
        this.#done(callId, vocabulary.tokenize(text, special));
        if (message.isUrgent) sequences.expectInteractive();
        return;
      }
      case 'text/detokenize':
        this.#done(callId, this.#model(message.params.modelId).vocabulary.detokenize(message.params.tokens));
        return;
      case 'text/remember': {
        const { modelId, key, text } = message.params;
        const { speculation, vocabulary } = this.#model(modelId);
        speculation?.remember(key, () => vocabulary.tokenize(text, false));
        this.#done(callId, null);
        return;
      }
      case 'sequence/open':
      case 'sequence/append':
      case 'sequence/fork':
      case 'sequence/generate':
      case 'sequence/truncate':
      case 'sequence/hiddenState':
      case 'sequence/dispose':
        this.#performOnSequence(message);
        return;
    }
  }

  #performOnSequence(message: SequenceCommand): void {
    const { callId } = message;
    switch (message.name) {
      case 'sequence/open': {
        const { modelId, sequenceId, options } = message.params;
        const host = this.#model(modelId);
        host.sequences.open(sequenceId, options);
        this.#hostOfSequence.set(sequenceId, host);
        this.#done(callId, null);
        return;
      }
      case 'sequence/append': {
        const { sequenceId, tokens } = message.params;
        this.#hostOf(sequenceId).sequences.append(sequenceId, callId, tokens);
        return;
      }
      case 'sequence/fork': {
        const { sequenceId, children } = message.params;
        const host = this.#hostOf(sequenceId);
        host.sequences.fork(sequenceId, children);
        for (const child of children) this.#hostOfSequence.set(child, host);
        this.#done(callId, null);
        return;
      }
      case 'sequence/generate': {
        const { sequenceId, request } = message.params;
        this.#hostOf(sequenceId).sequences.generate(sequenceId, callId, request);
        return;
      }
      case 'sequence/truncate': {
        const { sequenceId, length } = message.params;
        this.#hostOf(sequenceId).sequences.truncate(sequenceId, length);
        this.#done(callId, null);
        return;
      }
      case 'sequence/hiddenState': {
        const { sequenceId } = message.params;
        this.#done(callId, this.#hostOf(sequenceId).hiddenStates.read(sequenceId));
        return;
      }
      case 'sequence/dispose':
        this.#hostOfSequence.get(message.params.sequenceId)?.sequences.close(message.params.sequenceId);
        this.#hostOfSequence.delete(message.params.sequenceId);
        this.#done(callId, null);
        return;
    }
  }

  /** Frees everything native: the thread may end after that, and nobody could free what it leaves. */
  async #dispose(callId: number): Promise<void> {
    this.#isDisposing = true;
    await Promise.all(this.#loading);
    const hosts = [...this.#models.values()];
    for (const modelId of [...this.#models.keys()]) this.#disposeModel(modelId);
    await Promise.all(hosts.map((host) => host.settled()));
    clearInterval(this.#sampling);
    this.#done(callId, null);
    this.#port.close();
  }

  async #load(callId: number, params: Commands['model/load']['params']): Promise<void> {
    const host = await loadModelHost(this.#hostDependencies(), this.#loadTask(params));
    this.#models.set(params.modelId, host);
    this.#done(callId, host.loaded);
  }

  async #check(callId: number, params: LoadParams): Promise<void> {
    await checkLoad(this.#hostDependencies(), this.#loadTask(params));
    this.#done(callId, null);
  }

  #loadTask({ path, options, slot }: LoadParams): LoadTask {
    return { path, options, isCancelled: () => this.#isDisposing || this.#control.isCancelled(slot) };
  }

  #hostDependencies(): HostDependencies {
    this.#runtime ??= openNativeRuntime(this.#settings.bundleFolder);
    return {
      runtime: this.#runtime,
      bundleFolder: this.#settings.bundleFolder,
      control: this.#control,
      events: this.#events,
      now,
      date: () => systemClock.date(),
      load: this.#machineLoad,
      loaded: () => [...this.#models.values()].map((host) => host.memory()),
    };
  }

  readonly #events: LoopEvents = {
    prefilled: (callId, prefill, length) => {
      this.#done(callId, { ...prefill, length });
    },
    stepped: (callId, step) => {
      this.#outbox.add(callId, step);
    },
    ended: (callId, result) => {
      this.#flush();
      this.#done(callId, result);
    },
    failed: (callId, error) => {
      this.#flush();
      this.#fail(callId, error);
    },
  };

  /** A message came in: there may be work now, and an awaited sequence may have asked. */
  #start(): void {
    if (this.#next === 'soon' || !this.#hasWork) return;
    if (this.#next !== 'none') clearTimeout(this.#next);
    this.#next = 'soon';
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#isHalted) return;
    const { now: inTurn, waitMs } = modelTurn([...this.#models.values()].map(demandOf));
    for (const { loop } of inTurn) loop.runRound();
    if (this.#outbox.isDue || !this.#hasWork) this.#flush();
    if (!this.#hasWork) this.#next = 'none';
    else if (waitMs > 0) this.#next = setTimeout(this.#turn, Math.ceil(waitMs));
    else {
      this.#next = 'soon';
      setImmediate(this.#turn);
    }
  };

  get #hasWork(): boolean {
    for (const host of this.#models.values()) if (host.loop.hasWork) return true;
    return false;
  }

  #flush(): void {
    const runs = this.#outbox.take();
    if (runs.length > 0)
      this.#port.postMessage({ type: 'steps', runs } satisfies ThreadMessage, transferableOf(runs));
  }

  #disposeModel(modelId: number): void {
    const host = this.#models.get(modelId);
    if (host === undefined) return;
    for (const [sequenceId, owner] of this.#hostOfSequence) {
      if (owner !== host) continue;
      host.sequences.close(sequenceId);
      this.#hostOfSequence.delete(sequenceId);
    }
    this.#models.delete(modelId);
    host.dispose();
  }

  #model(modelId: number): ModelHost {
    const host = this.#models.get(modelId);
    if (host === undefined) throw new Error('The model is not loaded any more.');
    return host;
  }

  #hostOf(sequenceId: number): ModelHost {
    const host = this.#hostOfSequence.get(sequenceId);
    if (host === undefined) throw new Error('The sequence is not open any more.');
    return host;
  }

  #done(callId: number, result: CommandResult): void {
    this.#post({ type: 'call/done', callId, result });
  }

  #fail(callId: number, thrown: unknown): void {
    this.#post({ type: 'call/failed', callId, error: toCodedError(thrown).toData() });
  }

  #post(message: ThreadMessage): void {
    this.#port.postMessage(message);
  }
}

function demandOf({ loop, sequences }: ModelHost): ModelDemand & Pick<ModelHost, 'loop'> {
  const { priority, waitMs, interactiveWaitMs } = sequences;
  return { loop, hasWork: loop.hasWork, priority, waitMs, interactiveWaitMs };
}

function now(): number {
  return systemClock.now();
}

if (parentPort !== null) {
  new EngineThread(parentPort, workerData as ThreadSettings);
} else {
  // Started as a program, the bundle loads one file and ends: see `runTrialProcess`.
  const [, , flag, request] = process.argv;
  if (flag !== trialFlag || request === undefined) {
    throw new Error('The engine thread is started as a worker, not by itself.');
  }
  performTrial(__dirname, request);
}
