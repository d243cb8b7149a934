import { expect, test, vi } from 'vitest';
import { type EngineState, healthOf } from '../../../../extension/engine/engineState.ts';
import {
  SidecarKeeper,
  type KeptLaunch,
  type KeptSidecar,
} from '../../../../extension/engine/sidecarKeeper.ts';
import type { Health } from '../../../../protocol/health.ts';

const failed: Health = {
  state: 'failed',
  error: { code: 'model.unreadable', message: 'The file is damaged.', remedy: 'Get it again.' },
};
const limits = { intervalMs: 5, silenceMs: 50, latenessMs: 60_000 };

/** A process that never answers, or answers at once; it ends when it is killed. */
function launchThat(answers: boolean): KeptLaunch<KeptSidecar> {
  let end: (how: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const sidecar: KeptSidecar = {
    ping: () => Promise.resolve(null),
    health: () => Promise.resolve(failed),
    onHealth: () => undefined,
  };
  const kill = (): void => {
    end('was ended by SIGKILL');
  };
  return {
    started: answers ? Promise.resolve(sidecar) : new Promise<never>(() => undefined),
    ended,
    kill,
    stop: async () => {
      kill();
      await ended;
    },
  };
}

test('a launch that does not answer is given up as silent; health says so for a while, also without a model', async () => {
  const states: EngineState[] = [];
  let launches = 0;
  const ignore = (): void => undefined;
  const keeper = new SidecarKeeper({
    launch: () => launchThat(launches++ > 0),
    onState: (state) => states.push(state),
    log: { info: ignore, warn: ignore, error: ignore },
    now: () => performance.now(),
    limits,
    noteMs: 50,
  });
  keeper.start();
  await vi.waitFor(() => {
    expect(keeper.state).toMatchObject({ type: 'running', health: failed, restartNote: null });
  }, 30_000);
  keeper.dispose('The test is over.');
  expect(states).toContainEqual({ type: 'waiting', delayMs: 250, exit: 'did not answer for 0.05 s' });
  const messages = states.map(healthOf).map((health) => ('error' in health ? health.error.message : ''));
  expect(messages).toContain('The file is damaged. The engine did not answer for 0.05 s and was restarted.');
  // The quiet period is over.
  expect(messages.at(-2)).toBe('The file is damaged.');
});
