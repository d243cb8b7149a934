import { describe, expect, it, vi } from 'vitest';
import { SharedLoad } from '../../../../../../sidecar/engine/llama/connection/sharedLoad.ts';
import { unhurried } from '../../../../../support/engine/generating.ts';

/** A load that ends when the test says so. */
function pendingLoad() {
  const model = { dispose: vi.fn(() => Promise.resolve()) };
  let finish: () => void = () => undefined;
  let loadSignal = unhurried;
  const load = new SharedLoad((signal) => {
    loadSignal = signal;
    return new Promise<typeof model>((resolve) => {
      finish = () => {
        resolve(model);
      };
    });
  });
  return {
    load,
    model,
    finish: () => {
      finish();
    },
    isEnded: () => loadSignal.aborted,
  };
}

describe('SharedLoad', () => {
  it('goes on for the others when one gives up', async () => {
    const { load, model, finish, isEnded } = pendingLoad();
    const impatient = new AbortController();
    const refused = load.wait(impatient.signal);
    const patient = load.wait(unhurried);
    impatient.abort();
    await expect(refused).rejects.toMatchObject({ code: 'cancelled' });
    expect(isEnded()).toBe(false);
    finish();
    expect(await patient).toBe(model);
    expect(model.dispose).not.toHaveBeenCalled();
  });

  it('ends when all have given up, and disposes what comes too late', async () => {
    const { load, model, finish, isEnded } = pendingLoad();
    const impatient = [new AbortController(), new AbortController()];
    const refused = impatient.map(({ signal }) => load.wait(signal));
    for (const controller of impatient) controller.abort();
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'cancelled' });
    expect(isEnded()).toBe(true);
    expect(load.isCancelled).toBe(true);
    finish();
    await vi.waitFor(() => {
      expect(model.dispose).toHaveBeenCalledOnce();
    }, 30_000);
  });

  it('is not ended by the signal of a caller who has got the model', async () => {
    const { load, finish, isEnded } = pendingLoad();
    const controller = new AbortController();
    const waiting = load.wait(controller.signal);
    finish();
    await waiting;
    controller.abort();
    expect(isEnded()).toBe(false);
  });

  it('tells every caller of a failure, however late', async () => {
    const load = new SharedLoad(() => Promise.reject(new Error('broken')));
    await expect(load.wait(unhurried)).rejects.toThrow('broken');
    await expect(load.wait(unhurried)).rejects.toThrow('broken');
  });
});
