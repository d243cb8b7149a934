import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { onAbort } from '../../../../sidecar/process/onAbort.ts';

describe('onAbort', () => {
  it('calls all who still listen, once', () => {
    const abort = new AbortController();
    const stays = vi.fn();
    const leaves = vi.fn();
    onAbort(abort.signal, stays);
    onAbort(abort.signal, leaves)();
    abort.abort();
    abort.abort();
    expect(stays).toHaveBeenCalledOnce();
    expect(leaves).not.toHaveBeenCalled();
  });

  it('lets the candidates of one request listen without a warning', async () => {
    const { signal } = new AbortController();
    for (let candidate = 0; candidate < 16; candidate++) onAbort(signal, () => undefined);
    // Warnings come in order, a tick later: the first to come is this one, so there was none before it.
    const first = once(process, 'warning');
    process.emitWarning('last');
    expect(await first).toEqual([expect.objectContaining({ message: 'last' })]);
  });
});
