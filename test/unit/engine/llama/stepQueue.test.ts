import { describe, expect, it } from 'vitest';
import { StepQueue } from '../../../../sidecar/engine/llama/stepQueue.ts';

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
