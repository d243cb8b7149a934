import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestWith } from '../support/engine/generating.ts';
import { openHost, type OpenHost } from '../support/engine/openHost.ts';

const prompt = Array.from({ length: 40 }, (_, i) => 1000 + ((i * 37) % 400));
const sampled = requestWith({
  maxTokens: 6,
  sampler: { temperature: 0.9, topK: 0, topP: 1, minP: 0 },
  seed: 11,
});

let open: OpenHost;
beforeAll(async () => {
  open = await openHost(1024);
});
afterAll(() => {
  open[Symbol.dispose]();
});

/** Runs something and returns the decode calls that it took, too. */
function counted<T>(work: () => T): { readonly value: T; readonly calls: number } {
  const before = open.decodeCalls();
  const value = work();
  return { value, calls: open.decodeCalls() - before };
}

describe("a prompt's last state", () => {
  it('takes no decode call of its own: the first token is drawn from the same one', () => {
    const unread = counted(() => {
      const id = open.prompted(prompt);
      const answers = open.generate([id], sampled);
      open.host.sequences.close(id);
      return answers;
    });
    const read = counted(() => {
      const id = open.prompted(prompt);
      expect(open.host.hiddenStates.read(id)).toHaveLength(requireLocal(open.host.loaded.info).hiddenSize);
      const answers = open.generate([id], sampled);
      open.host.sequences.close(id);
      return answers;
    });
    expect(unread.value[0]?.steps).toHaveLength(6);
    expect(read.calls).toBe(unread.calls);
    // The same call of one token but for the outputs that are read from it: the same text, to the last digit.
    expect(read.value).toEqual(unread.value);
  });

  it('serves every fork, which saves each of them a token', () => {
    const { sequences, hiddenStates } = open.host;
    const first = open.prompted(prompt);
    hiddenStates.read(first);
    sequences.fork(first, [101, 102]);
    const forked = counted(() => open.generate([first, 101, 102], requestWith({ maxTokens: 1 })));
    expect(forked.calls).toBe(0);
    const [answer] = open.generate([open.prompted(prompt)], requestWith({ maxTokens: 1 }));
    for (const { steps } of forked.value) expect(steps).toEqual(answer?.steps);
    // And they go on from there, each on its own.
    expect(counted(() => open.generate([first, 101, 102], requestWith({ maxTokens: 3 }))).calls).toBe(3);
    for (const id of [first, 101, 102]) sequences.close(id);
  });

  it('is asked for once however often, and again behind what was added or cut off', () => {
    const { sequences, hiddenStates } = open.host;
    const id = open.prompted(prompt);
    const state = hiddenStates.read(id);
    const again = counted(() => hiddenStates.read(id));
    expect(again).toEqual({ value: state, calls: 0 });
    // A cue behind it: only the cue is left to decode.
    sequences.append(id, 900, [1200, 1201]);
    while (open.host.loop.hasWork) open.host.loop.runRound();
    const behind = counted(() => hiddenStates.read(id));
    expect(behind.calls).toBe(1);
    expect(behind.value).not.toEqual(state);
    sequences.truncate(id, prompt.length);
    const back = hiddenStates.read(id);
    expect(back).not.toBeNull();
    const distance = Math.max(...Array.from(state ?? [], (value, i) => Math.abs(value - (back?.[i] ?? 9))));
    expect(distance).toBeLessThan(0.05);
    // Cells are accounted for: closing everything leaves an empty cache behind.
    const [answer] = open.generate([id], requestWith({ maxTokens: 4 }));
    expect(answer?.steps).toHaveLength(4);
    sequences.close(id);
  });

  it('may be the last thing that is wanted of a prompt, which then serves as a prefix to its end', () => {
    const { sequences, hiddenStates } = open.host;
    const longer = [...prompt.map((id) => id + 300), 1500];
    const id = open.prompted(longer);
    hiddenStates.read(id);
    sequences.close(id);
    const next = counted(() => open.prompted([...longer, 1501, 1502]));
    // One token behind the prefix is decoded, the last one waits.
    expect(next.calls).toBe(1);
    sequences.close(next.value);
  });
});
