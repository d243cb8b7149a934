import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelPace } from '../../protocol/health.ts';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { mostMeasuringMs } from '../../sidecar/engine/speeds/measuringTime.ts';
import { type MeasuredSpeeds, nothingMeasured } from '../../sidecar/engine/speeds/measuredSpeeds.ts';
import { newestSpeeds, type SpeedFile } from '../../sidecar/engine/speeds/speedFile.ts';
import { identifyModel } from '../../sidecar/engine/llama/loading/modelIdentity.ts';
import { llamaVersion } from '../../sidecar/engine/llama/native/libraryLocation.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { StartupBenchmark } from '../../sidecar/modelHosting/startupBenchmark.ts';
import { speedsOfLoaded } from '../../sidecar/modelHosting/speedsOfLoaded.ts';
import { machineName } from '../../sidecar/process/machineName.ts';
import { generated, requestWith, unhurried } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

/** What a call to llama.cpp that cannot be stopped may add to the limit, on a machine that is busy. */
const graceMs = 5_000;

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('smollm2-135m'));
});
afterAll(() => engine.dispose());

function settable<T>(): { readonly value: Promise<T>; readonly set: (value: T) => void } {
  let set: (value: T) => void = () => undefined;
  const value = new Promise<T>((resolve) => {
    set = resolve;
  });
  return { value, set };
}

/** Speeds that are kept in memory alone. */
function speedsInMemory(): Pick<SpeedFile, 'read' | 'keep'> {
  let kept: MeasuredSpeeds = nothingMeasured;
  return {
    read: () => kept,
    keep: (part) => {
      kept = { ...kept, ...part };
    },
  };
}

/** A benchmark that says when it has begun and how it has ended. */
function openBenchmark(speeds = speedsInMemory()) {
  const paces: ModelPace[] = [];
  const begun = settable<number>();
  const ended = settable<number>();
  const benchmark = new StartupBenchmark({
    speedsOf: () => speeds,
    isQuiet: () => {
      begun.set(performance.now());
      return true;
    },
    onMeasured: (_model, pace) => {
      paces.push(pace);
    },
    // It has one line for each end, whether it has measured all or its time was up.
    log: () => {
      ended.set(performance.now());
    },
    now: () => performance.now(),
    // As if the machine were quiet, which tests cannot wait for.
    processorMs: () => 2 * performance.now(),
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  });
  return { benchmark, begun: begun.value, ended: ended.value, paces, kept: () => speeds.read() };
}

describe('the start-up benchmark of a real model', () => {
  it('ends within its limit, with what it has measured until then', async () => {
    const { benchmark, begun, ended, paces, kept } = openBenchmark();
    benchmark.idle(model, 2);
    const startedMs = await begun;
    expect((await ended) - startedMs).toBeLessThan(mostMeasuringMs.atRest + graceMs);
    expect(kept().prefillMsPerToken).toBeGreaterThan(0);
    const steps = kept().sequences ?? [];
    expect(paces).toHaveLength(steps.length === 0 ? 0 : 1);
    for (const { durationMs } of steps) expect(durationMs).toBeGreaterThan(0);
    expect(steps.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8].slice(0, steps.length));
    await benchmark.dispose();
  });

  it('ends at once for a request, which is served first, and goes on after it', async () => {
    const { benchmark, begun, ended, kept } = openBenchmark();
    benchmark.idle(model, 2);
    await begun;
    benchmark.wanted();
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    await sequence.append(await model.tokenize('Once upon a time', { special: false }), unhurried);
    const { ids } = await generated(sequence, requestWith({ maxTokens: 8 }));
    await sequence.dispose();
    expect(ids.length).toBeGreaterThan(0);
    expect(kept().sequences).toBeNull();
    benchmark.idle(model, 2);
    await ended;
    expect(kept().prefillMsPerToken).toBeGreaterThan(0);
    await benchmark.dispose();
  });
});

describe('what was measured of a file', () => {
  it('lies beside it, and is measured by no later process', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'small.gguf');
    await copyFile(await installedModelPath('smollm2-135m'), file);
    const copy = await loadForTest(engine, file);
    const first = openBenchmark(speedsOfLoaded(copy, 2));
    first.benchmark.idle(copy, 2);
    await first.ended;
    await first.benchmark.dispose();
    const { hash: modelHash } = await identifyModel(file, await readGgufHeader(file));
    const kept = newestSpeeds(file, { modelHash, machine: machineName(), release: llamaVersion });
    expect(kept?.prefillMsPerToken).toBeGreaterThan(0);
    const second = openBenchmark(speedsOfLoaded(copy, 2));
    expect(second.benchmark.paceOf(copy, 2)).toEqual(first.paces[0] ?? null);
    await copy.dispose();
  });
});

describe('a sidecar that loads a file for the first time', () => {
  it('measures it while idle, keeps what it found beside it, and knows it at the next start', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'small.gguf');
    await copyFile(await installedModelPath('smollm2-135m'), file);
    const settings = { model: file, contextTokens: 1024 };
    let isDisturbed = false;
    {
      await using sidecar = await SidecarProcess.ready({ settings });
      await sidecar.until(
        () => hasPace(sidecar) || sidecar.stderr.includes(disturbed),
        'a measured speed in health, or why there is none',
      );
      isDisturbed = !hasPace(sidecar);
    }
    const { hash: modelHash } = await identifyModel(file, await readGgufHeader(file));
    const kept = newestSpeeds(file, { modelHash, machine: machineName(), release: llamaVersion });
    // On a machine with other work nothing of it may be kept.
    if (isDisturbed) {
      expect([kept?.prefillMsPerToken, kept?.sequences]).toContain(null);
      return;
    }
    expect(kept?.prefillMsPerToken).toBeGreaterThan(0);
    expect(kept?.curve?.length).toBeGreaterThan(3);
    expect(kept?.loadedBytes).toBeGreaterThan(90e6);
    await using again = await SidecarProcess.ready({ settings });
    await again.until(() => hasPace(again), 'the speed that was kept');
    expect(again.stderr).not.toContain('measured small.gguf');
  });
});

const disturbed = 'small.gguf was not measured: other programs used the processor meanwhile';

function hasPace({ healths }: SidecarProcess): boolean {
  const health = healths.at(-1);
  return health?.state === 'ready' && health.pace !== undefined;
}
