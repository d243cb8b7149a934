import path from 'node:path';
import { expect, test } from 'vitest';
import { healthOf, type EngineState } from '../../extension/engine/engineState.ts';
import type { LaunchProfile } from '../../extension/engine/restartPolicy.ts';
import { SidecarKeeper, type KeptLaunch, type KeptSidecar } from '../../extension/engine/sidecarKeeper.ts';
import type { Health } from '../../protocol/health.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { asleep, drowsyBundles } from '../support/sidecar/blockedSidecar.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const smol = { model: 'smollm2-135m', contextTokens: 2048 } as const;

/** The built sidecar, started as the extension starts it but for VS Code's own client. */
class ProcessLaunch implements KeptLaunch<KeptSidecar> {
  readonly process = new SidecarProcess({ settings: smol });
  readonly profile: LaunchProfile;
  readonly ended = this.process.exited.then(({ signal }) => `was ended by ${signal ?? 'itself'}`);
  readonly started: Promise<KeptSidecar>;

  constructor(profile: LaunchProfile) {
    this.profile = profile;
    const { connection } = this.process;
    this.started = this.process.initialize().then(() => ({
      ping: () => connection.sendRequest('entropane/ping', null),
      health: () => connection.sendRequest<Health>('entropane/health/get', null),
      onHealth: (listener) => {
        connection.onNotification('entropane/health/changed', listener);
      },
    }));
  }

  async stop(): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }

  kill(): void {
    this.process.child.kill('SIGKILL');
  }
}

test('a sidecar that stops answering while its process lives is restarted, and its health says why', async () => {
  const launches: ProcessLaunch[] = [];
  const states: EngineState[] = [];
  let look: () => void = () => undefined;
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (isSo()) resolve();
      };
      look();
    });
  const ignore = (): void => undefined;
  const keeper = new SidecarKeeper({
    launch: (profile) => {
      const launch = new ProcessLaunch(profile);
      launches.push(launch);
      return launch;
    },
    onState: (state) => {
      states.push(state);
      look();
    },
    log: { info: ignore, warn: ignore, error: ignore },
    now: () => systemClock.now(),
  });
  const isReady = (): boolean => keeper.state.type === 'running' && keeper.state.health.state === 'ready';
  try {
    keeper.start();
    await until(isReady);
    expect(launches).toHaveLength(1);
    launches[0]?.process.child.kill('SIGSTOP');
    await until(() => launches.length === 2 && isReady());
    expect(await launches[0]?.process.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(states).toContainEqual({ type: 'waiting', delayMs: 250, exit: 'did not answer for 10 s' });
    expect(launches[1]?.profile).toBe('safe');
    expect(healthOf(keeper.state)).toMatchObject({
      // vitest types its matchers as any, which the field must not become.
      notes: expect.arrayContaining(['The engine did not answer for 10 s and was restarted.']) as unknown,
    });
  } finally {
    keeper.dispose('The test is over.');
    await Promise.all(launches.map((launch) => launch.process[Symbol.asyncDispose]()));
  }
});

test('a sidecar answers while its engine thread is blocked by a model load', async () => {
  await using bundles = await drowsyBundles();
  await using sidecar = new SidecarProcess({
    settings: smol,
    sidecarPath: path.join(bundles.path, 'dist/sidecar.cjs'),
    environment: { ENTROPANE_TEST_SLEEPY_LOADS: '1' },
  });
  await sidecar.initialize();
  await sidecar.until(() => sidecar.stderr.includes(asleep), 'its sleep');
  const answer = sidecar.connection.sendRequest('entropane/ping', null);
  expect(await sidecar.within(30_000, answer, 'an answer')).toBeNull();
});
