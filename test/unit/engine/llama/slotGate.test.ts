import { describe, expect, it } from 'vitest';
import { SlotGate } from '../../../../sidecar/engine/llama/slotGate.ts';
import { StepQueue } from '../../../../sidecar/engine/llama/stepQueue.ts';

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

  it('does not admit whom the signal came first', async () => {
    await expect(new SlotGate(1).enter(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('StepQueue', () => {
  it('gives batches in order, waits for more, and ends when closed', async () => {
    const queue = new StepQueue();
    const batch = (id: number) => [{ id }] as never;
    queue.push(batch(1));
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const steps of queue) seen.push(steps);
    })();
    await Promise.resolve();
    queue.push(batch(2));
    queue.close();
    await reading;
    expect(seen).toEqual([[{ id: 1 }], [{ id: 2 }]]);
  });
});
