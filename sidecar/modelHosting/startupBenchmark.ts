import { requireLocal } from '../engine/requireLocal.ts';
import { toCodedError } from '../../protocol/codedError.ts';
import type { ModelPace } from '../../protocol/health.ts';
import type { Model } from '../engine/engine.ts';
import { isSteady, paceOf, steadySteps } from '../engine/speeds/measuredSpeeds.ts';
import { mostMeasuringMs } from '../engine/speeds/measuringTime.ts';
import type { SpeedFile } from '../engine/speeds/speedFile.ts';
import { type MeasureLimits, measurePrefill, measureSequences } from './measureModel.ts';

/** Part of the time at rest that reading prompts gets. */
const mostPrefillMs = 1_000;
/** How long nothing must be asked for before it begins. */
export const restMs = 1_000;
/** How long it waits after other programs have used the processor meanwhile, and how often it tries again. */
export const disturbedRestMs = 60_000;
const mostTries = 5;

export interface BenchmarkDependencies {
  /** What is kept of a model's speeds. `requestedThreads` as in its load. */
  readonly speedsOf: (model: Model, requestedThreads: number) => Pick<SpeedFile, 'read' | 'keep'>;
  /** Whether no request is under way and nothing is being loaded. */
  readonly isQuiet: () => boolean;
  /** Called when a model was measured. */
  readonly onMeasured: (model: Model, pace: ModelPace) => void;
  readonly log: (line: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Processor time that this process has spent so far, on all its threads, in milliseconds. */
  readonly processorMs: () => number;
  /** Runs something later; the returned function calls it off. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
}

interface Waiting {
  readonly model: Model;
  readonly speeds: Pick<SpeedFile, 'read' | 'keep'>;
  /** When it may be measured, after other programs have disturbed that; and how often they have. */
  dueMs: number;
  disturbedCount: number;
}

/**
 * Measures each model that serves, once on a machine, while nobody needs one: how fast it reads and writes. A request ends it at
 * once, before the engine hears of the request; what was measured until then is kept, and the rest is measured when it is quiet
 * again. What other programs have disturbed is not kept, but measured again a few times. Models must be named by `idle` each
 * time that their last request has ended.
 */
export class StartupBenchmark {
  readonly #dependencies: BenchmarkDependencies;
  readonly #waiting = new Map<Model, Waiting>();
  /** Models that could not be measured, until they are loaded anew. */
  readonly #given = new WeakSet<Model>();
  #callOff: () => void = () => undefined;
  #abort: AbortController | null = null;
  /** Settles when the measurement under way has let go of its sequences. */
  #running: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(dependencies: BenchmarkDependencies) {
    this.#dependencies = dependencies;
  }

  /** What was measured of a model; null before that, and for a server's model. */
  paceOf(model: Model, requestedThreads: number): ModelPace | null {
    if (model.info.local === null) return null;
    return paceOf(this.#dependencies.speedsOf(model, requestedThreads).read());
  }

  /** A model serves that nobody uses now. What is missing of its speeds is measured soon. */
  idle(model: Model, requestedThreads: number): void {
    if (this.#isDisposed) return;
    const speeds = this.#dependencies.speedsOf(model, requestedThreads);
    if (paceOf(speeds.read()) === null && !this.#waiting.has(model) && !this.#given.has(model))
      this.#waiting.set(model, { model, speeds, dueMs: 0, disturbedCount: 0 });
    if (this.#waiting.size > 0 && this.#abort === null) this.#startLater();
  }

  /** Measures what is missing of a model at once, for a program that does nothing else. Null where it could not be measured. */
  async measureNow(model: Model, requestedThreads: number, signal: AbortSignal): Promise<ModelPace | null> {
    const speeds = this.#dependencies.speedsOf(model, requestedThreads);
    if (paceOf(speeds.read()) === null)
      await this.#measure({ model, speeds, dueMs: 0, disturbedCount: mostTries }, signal);
    return paceOf(speeds.read());
  }

  /** Somebody asks for a model: it comes first. */
  wanted(): void {
    this.#callOff();
    this.#abort?.abort();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.wanted();
    await this.#running;
  }

  #startLater(delayMs = restMs): void {
    this.#callOff();
    this.#callOff = this.#dependencies.schedule(() => {
      if (!this.#dependencies.isQuiet()) this.#startLater();
      else this.#running = this.#measureAll();
    }, delayMs);
  }

  async #measureAll(): Promise<void> {
    const { now } = this.#dependencies;
    const abort = new AbortController();
    this.#abort = abort;
    for (const each of [...this.#waiting.values()]) {
      if (abort.signal.aborted) break;
      if (each.dueMs <= now()) await this.#measure(each, abort.signal);
    }
    this.#abort = null;
    if (this.#waiting.size === 0 || this.#isDisposed) return;
    // Where it was interrupted the next request's end begins it again, unless the request was over before.
    const dueMs = Math.min(...[...this.#waiting.values()].map((each) => each.dueMs));
    this.#startLater(Math.max(restMs, dueMs - now()));
  }

  /** Measures what is missing of a model. Never rejects. */
  async #measure(waiting: Waiting, interrupted: AbortSignal): Promise<void> {
    const { now, log, onMeasured } = this.#dependencies;
    const { model, speeds } = waiting;
    const startedMs = now();
    try {
      const isSteady = await this.#measureParts(waiting, interrupted);
      if (!isSteady && this.#isPutOff(waiting)) return;
    } catch (thrown) {
      if (interrupted.aborted) return;
      log(`${model.info.identity.name} was not measured: ${toCodedError(thrown).message}`);
    }
    this.#waiting.delete(model);
    const pace = paceOf(speeds.read());
    if (pace === null) {
      this.#given.add(model);
      return;
    }
    const { prefillTokensPerSecond, decodeTokensPerSecond } = pace;
    log(
      `measured ${model.info.identity.name} in ${Math.round(now() - startedMs)} ms: ` +
        `reads ${Math.round(prefillTokensPerSecond)} tok/s, writes ${Math.round(decodeTokensPerSecond)} tok/s`,
    );
    onMeasured(model, pace);
  }

  /** False where other programs have disturbed it: that part is not kept. */
  async #measureParts({ model, speeds }: Waiting, interrupted: AbortSignal): Promise<boolean> {
    const { now } = this.#dependencies;
    const startedMs = now();
    if (speeds.read().prefillMsPerToken === null) {
      const limits = { limitMs: mostPrefillMs, interrupted };
      const prefillMsPerToken = await this.#steadily(model, () =>
        this.#within(limits, (each) => measurePrefill(model, each, now)),
      );
      if (prefillMsPerToken === null) return false;
      speeds.keep({ prefillMsPerToken });
    }
    if (steadySteps(speeds.read()) !== null) return true;
    const limits = { limitMs: Math.max(0, mostMeasuringMs.atRest - (now() - startedMs)), interrupted };
    const sequences = await this.#steadily(model, () =>
      this.#within(limits, (each) => measureSequences(model, each, now)),
    );
    if (sequences === null) return false;
    speeds.keep({ sequences });
    return true;
  }

  /** Null where other programs have used the processor that was measured. What a device computes is taken as it is. */
  async #steadily<T>({ info }: Model, measure: () => Promise<T>): Promise<T | null> {
    const { now, processorMs } = this.#dependencies;
    const [startedMs, spentMs] = [now(), processorMs()];
    const measured = await measure();
    if (!info.backend.startsWith('CPU')) return measured;
    const spent = { durationMs: now() - startedMs, processorMs: processorMs() - spentMs };
    return isSteady(spent, requireLocal(info).threads) ? measured : null;
  }

  /** Whether a model that was disturbed is measured again later. */
  #isPutOff(waiting: Waiting): boolean {
    const { now, log } = this.#dependencies;
    waiting.disturbedCount += 1;
    log(`${waiting.model.info.identity.name} was not measured: other programs used the processor meanwhile`);
    if (waiting.disturbedCount >= mostTries) return false;
    waiting.dueMs = now() + disturbedRestMs;
    return true;
  }

  /** Measures until it is done, interrupted, or the time is up. */
  async #within<T>(
    { limitMs, interrupted }: { readonly limitMs: number; readonly interrupted: AbortSignal },
    measure: (limits: MeasureLimits) => Promise<T>,
  ): Promise<T> {
    const timeUp = new AbortController();
    const callOff = this.#dependencies.schedule(() => {
      timeUp.abort();
    }, limitMs);
    try {
      return await measure({
        signal: AbortSignal.any([interrupted, timeUp.signal]),
        limitMs,
        isTimeUp: () => timeUp.signal.aborted && !interrupted.aborted,
      });
    } finally {
      callOff();
    }
  }
}
