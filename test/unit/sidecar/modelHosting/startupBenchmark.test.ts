import { fileSource } from '../../../../sidecar/engine/engineSource.ts';
import { requireLocal } from '../../../../sidecar/engine/requireLocal.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelPace } from '../../../../protocol/health.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import { createScriptedEngine } from '../../../../sidecar/engine/scripted/scriptedEngine.ts';
import { StepGate } from '../../../../sidecar/engine/scripted/stepGate.ts';
import { mostMeasuringMs } from '../../../../sidecar/engine/speeds/measuringTime.ts';
import { type MeasuredSpeeds, nothingMeasured } from '../../../../sidecar/engine/speeds/measuredSpeeds.ts';
import {
  disturbedRestMs,
  restMs,
  StartupBenchmark,
} from '../../../../sidecar/modelHosting/startupBenchmark.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

const never = new AbortController().signal;
const readMs = 2;
const pathOf = ({ info }: Model): string => requireLocal(info).path;

/** A benchmark over scripted models, whose time goes with what they decode. */
class Bench {
  readonly clock = new ManualClock();
  readonly kept = new Map<string, MeasuredSpeeds>();
  readonly measured: [string, ModelPace][] = [];
  readonly log: string[] = [];
  isQuiet = true;
  /** How long a step takes, in milliseconds. */
  stepMs = 10;
  /** Of its two threads' time, what this process gets. */
  share = 1;
  readonly gate: StepGate | null;
  readonly benchmark: StartupBenchmark;

  constructor(gate: StepGate | null = null) {
    this.gate = gate;
    this.benchmark = new StartupBenchmark({
      speedsOf: (model) => ({
        read: () => this.kept.get(pathOf(model)) ?? nothingMeasured,
        keep: (part) =>
          this.kept.set(pathOf(model), { ...(this.kept.get(pathOf(model)) ?? nothingMeasured), ...part }),
      }),
      isQuiet: () => this.isQuiet,
      onMeasured: (model, pace) => this.measured.push([pathOf(model), pace]),
      log: (line) => this.log.push(line),
      now: () => this.clock.now(),
      processorMs: () => this.clock.now() * 2 * this.share,
      schedule: (run, delayMs) => this.clock.after(delayMs, run),
    });
  }

  model(path: string): Promise<Model> {
    const engine = createScriptedEngine(() => 'a b c d e f g h i j', {
      gate: this.gate,
      info: { backend: 'CPU (test)' },
      local: { threads: 2 },
      onDecode: () => {
        this.clock.advance(this.stepMs);
      },
      onPrefill: (tokens) => {
        this.clock.advance(tokens * readMs);
      },
    });
    return engine.open(
      fileSource(path),
      { contextTokens: 0, maxSequences: 1, threads: 0, speculation: 'off' },
      never,
    );
  }

  /** Lets everything happen that waits for nothing but a turn of the event loop. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('the start-up benchmark', () => {
  it('measures a model once it has rested, and never again', async () => {
    const model = await bench.model('one.gguf');
    bench.benchmark.idle(model, 0);
    bench.clock.advance(restMs - 1);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
    bench.clock.advance(1);
    await bench.settled();
    expect(bench.measured.map(([path]) => path)).toEqual(['one.gguf']);
    const speeds = bench.kept.get('one.gguf');
    expect(speeds?.prefillMsPerToken).toBe(readMs);
    expect(speeds?.sequences?.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8]);
    bench.benchmark.idle(model, 0);
    bench.clock.advance(10 * restMs);
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
  });

  it('takes the price of drafts that the load has measured', async () => {
    const curve = [
      { tokens: 1, durationMs: 40 },
      { tokens: 2, durationMs: 60 },
    ];
    bench.kept.set('one.gguf', { ...nothingMeasured, curve, isCurveSteady: true });
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.kept.get('one.gguf')).toMatchObject({ curve, sequences: null });
    expect(bench.measured[0]?.[1].decodeTokensPerSecond).toBe(25);
  });

  it('measures steps itself where the load was disturbed', async () => {
    const curve = [
      { tokens: 1, durationMs: 400 },
      { tokens: 2, durationMs: 600 },
    ];
    bench.kept.set('one.gguf', { ...nothingMeasured, curve });
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.kept.get('one.gguf')?.curve).toEqual(curve);
    expect(bench.measured[0]?.[1].decodeTokensPerSecond).toBeGreaterThan(25);
  });

  it('keeps nothing that other programs have disturbed, and measures it again a minute later', async () => {
    bench.share = 0.5;
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
    expect(bench.log).toHaveLength(1);
    bench.share = 1;
    bench.clock.advance(disturbedRestMs / 2);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
    bench.clock.advance(disturbedRestMs / 2);
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
  });

  it('gives up on a machine that is never quiet', async () => {
    bench.share = 0.5;
    const model = await bench.model('one.gguf');
    for (let minute = 0; minute < 10; minute++) {
      bench.benchmark.idle(model, 0);
      bench.clock.advance(disturbedRestMs);
      await bench.settled();
    }
    expect(bench.log).toHaveLength(5);
    expect(bench.kept.size).toBe(0);
  });

  it('waits while something is asked for or loaded', async () => {
    bench.isQuiet = false;
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    for (let second = 0; second < 5; second++) bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
    bench.isQuiet = true;
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
  });

  it('is called off by a request before it begins, and begins after it', async () => {
    const model = await bench.model('one.gguf');
    bench.benchmark.idle(model, 0);
    bench.benchmark.wanted();
    bench.clock.advance(10 * restMs);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
    bench.benchmark.idle(model, 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
  });

  it('measures two models one after the other', async () => {
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    bench.benchmark.idle(await bench.model('two.gguf'), 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.measured.map(([path]) => path)).toEqual(['one.gguf', 'two.gguf']);
  });

  it.each([100, 250, 600])('ends in time for a model whose step takes %d ms', async (slowStepMs) => {
    bench.stepMs = slowStepMs;
    bench.benchmark.idle(await bench.model('one.gguf'), 0);
    bench.clock.advance(restMs);
    const startedMs = bench.clock.now();
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
    // A step that has begun ends.
    expect(bench.clock.now() - startedMs).toBeLessThan(mostMeasuringMs.atRest + slowStepMs);
  });

  it('does nothing after its disposal', async () => {
    const model = await bench.model('one.gguf');
    bench.benchmark.idle(model, 0);
    await bench.benchmark.dispose();
    bench.benchmark.idle(model, 0);
    bench.clock.advance(10 * restMs);
    await bench.settled();
    expect(bench.kept.size).toBe(0);
  });
});

describe('a benchmark under way', () => {
  it('ends for a request, keeps what was measured, and goes on with the rest', async () => {
    const gate = new StepGate();
    bench = new Bench(gate);
    const model = await bench.model('one.gguf');
    bench.benchmark.idle(model, 0);
    bench.clock.advance(restMs);
    await bench.settled();
    // The prompts were read; no step is let through.
    const { prefillMsPerToken, sequences } = bench.kept.get('one.gguf') ?? nothingMeasured;
    expect(prefillMsPerToken).toBe(readMs);
    expect(sequences).toBeNull();
    bench.benchmark.wanted();
    await bench.settled();
    expect(bench.measured).toEqual([]);
    expect(bench.log).toEqual([]);
    gate.open();
    bench.benchmark.idle(model, 0);
    bench.clock.advance(restMs);
    await bench.settled();
    expect(bench.measured).toHaveLength(1);
    expect(bench.kept.get('one.gguf')).toMatchObject({ prefillMsPerToken });
  });

  it('ends when its time is up, and is not begun again', async () => {
    const gate = new StepGate();
    bench = new Bench(gate);
    const model = await bench.model('one.gguf');
    bench.benchmark.idle(model, 0);
    bench.clock.advance(restMs);
    await bench.settled();
    bench.clock.advance(mostMeasuringMs.atRest);
    await bench.settled();
    expect(bench.log).toHaveLength(1);
    expect(bench.kept.get('one.gguf')?.sequences).toBeNull();
    bench.clock.advance(10 * restMs);
    await bench.settled();
    expect(bench.log).toHaveLength(1);
  });
});
