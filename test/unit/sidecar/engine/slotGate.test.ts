import { describe, expect, it } from 'vitest';
import { SlotGate } from '../../../../sidecar/engine/slotGate.ts';

const never = new AbortController().signal;

describe('SlotGate', () => {
  it('admits as many as there are slots, then the first who waits', async () => {
    const gate = new SlotGate(1);
    const order: string[] = [];
    await gate.enter(never);
    const second = gate.enter(never).then(() => order.push('second'));
    const third = gate.enter(never).then(() => order.push('third'));
    gate.leave();
    await second;
    expect(order).toEqual(['second']);
    gate.leave();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('forgets a waiter who gave up', async () => {
    const gate = new SlotGate(1);
    await gate.enter(never);
    const impatient = new AbortController();
    const waiting = gate.enter(impatient.signal);
    impatient.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    gate.leave();
    await gate.enter(never);
  });

  it('refuses all when it is closed', async () => {
    const gate = new SlotGate(1);
    await gate.enter(never);
    const waiting = [gate.enter(never), gate.enter(never)];
    gate.close();
    for (const each of [...waiting, gate.enter(never)]) {
      await expect(each).rejects.toMatchObject({ code: 'engine.failed' });
    }
  });

  it('does not admit whom the signal came first', async () => {
    await expect(new SlotGate(1).enter(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
