import { describe, expect, it } from 'vitest';
import type { TokenStep } from '../../../../../../sidecar/engine/engine.ts';
import { StepQueue } from '../../../../../../sidecar/engine/llama/connection/stepQueue.ts';

describe('StepQueue', () => {
  it('gives batches in order, waits for more, and ends when closed', async () => {
    const queue = new StepQueue();
    const batch = (id: number): readonly TokenStep[] => [
      {
        id,
        text: '',
        logprob: 0,
        entropyNats: 0,
        varentropy: 0,
        margin: 1,
        alternatives: [],
        source: 'model',
      },
    ];
    queue.push(batch(1));
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const steps of queue) seen.push(steps);
    })();
    await Promise.resolve();
    queue.push(batch(2));
    queue.close();
    await reading;
    expect(seen).toEqual([batch(1), batch(2)]);
  });
});
