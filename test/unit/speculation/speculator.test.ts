import { describe, expect, it } from 'vitest';
import { AcceptanceRecord } from '../../../sidecar/speculation/acceptanceRecord.ts';
import { BatchCost } from '../../../sidecar/speculation/batchCost.ts';
import { Speculator, type SpeculationSettings } from '../../../sidecar/speculation/speculator.ts';
import { SuffixIndex } from '../../../sidecar/speculation/suffixIndex.ts';
import { TrieDrafter } from '../../../sidecar/speculation/trieDrafter.ts';

const alone = { tokens: 0, expectedTokens: 0 };

function guess(speculator: Speculator, context: readonly number[], room: number): readonly number[] {
  return speculator.propose(context, room, alone).nodes.map(({ token }) => token);
}

interface Played {
  readonly calls: number;
  readonly drafted: number;
  readonly milliseconds: number;
}

/**
 * Plays a text as a model would say it: every decode call costs `callMs(tokens)`, and keeps the draft's tokens for
 * as long as they are the text's. `callMs` is the machine; the speculator learns it from the calls alone.
 */
function play(
  prompt: readonly number[],
  text: readonly number[],
  callMs: (tokens: number) => number,
  settings: SpeculationSettings,
): Played {
  const speculator = new Speculator([new TrieDrafter(new SuffixIndex(10_000))], settings);
  const context = [...prompt];
  speculator.prompted(context, 0);
  const played = { calls: 0, drafted: 0, milliseconds: 0 };
  let done = 0;
  while (done < text.length) {
    const draft = guess(speculator, context, text.length - done - 1);
    const from = context.length;
    const isRight = draft.map((token, index) => token === text[done + index]);
    const firstWrong = isRight.indexOf(false);
    const kept = (firstWrong === -1 ? draft.length : firstWrong) + 1;
    context.push(...text.slice(done, done + kept));
    speculator.generated(context, from);
    const durationMs = callMs(1 + draft.length);
    settings.cost.record(1 + draft.length, durationMs);
    done += kept;
    played.calls += 1;
    played.drafted += draft.length;
    played.milliseconds += durationMs;
  }
  return played;
}

const fresh = (mode: 'auto' | 'on' = 'auto'): SpeculationSettings => ({
  mode,
  cost: new BatchCost(),
  acceptance: new AcceptanceRecord(null),
});

/** What a two-core processor was seen to take. */
const processorMs = (tokens: number): number => 20 + 7 * (tokens - 1) + (tokens > 1 ? 8 : 0);
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

describe('Speculator', () => {
  it('more than halves the time of a text that repeats its prompt', () => {
    const file = numbers(0, 400);
    const played = play(file, [5, ...file.slice(6)], processorMs, fresh());
    expect(played.milliseconds).toBeLessThan(0.5 * 394 * processorMs(1));
  });

  it('costs under 3 % where its drafts are wrong', () => {
    // Each pair of tokens stands in the prompt, and is followed by something else each time.
    const prompt = numbers(0, 600).flatMap((n) => [n % 30, 1000 + n]);
    const text = numbers(0, 600).flatMap((n) => [(7 * n) % 30, 5000 + n]);
    const played = play(prompt, text, processorMs, fresh());
    expect(played.milliseconds).toBeLessThan(1.03 * text.length * processorMs(1));
  });

  it('costs under 3 % where every token costs as much as a step, however good the drafts', () => {
    const file = numbers(0, 2000);
    const played = play(file, file.slice(1), (tokens) => 10 * tokens, fresh());
    expect(played.milliseconds).toBeLessThan(1.03 * 1999 * 10);
  });

  it('drafts whatever is found when forced on', () => {
    const prompt = numbers(0, 600).flatMap((n) => [n % 30, 1000 + n]);
    const text = numbers(0, 100).flatMap((n) => [(7 * n) % 30, 5000 + n]);
    expect(play(prompt, text, processorMs, fresh('on')).drafted).toBeGreaterThan(300);
  });

  it('knows acceptance from drafts that were never decoded', () => {
    const file = numbers(0, 100);
    const settings = fresh();
    // A machine that never answered has no cost yet, so nothing is decoded.
    const speculator = new Speculator([new TrieDrafter(new SuffixIndex(1000))], settings);
    const context = [...file];
    speculator.prompted(context, 0);
    for (const token of file.slice(0, 30)) {
      expect(guess(speculator, context, 15)).toEqual([]);
      context.push(token);
      speculator.generated(context, context.length - 1);
    }
    expect(settings.acceptance.rate('trie/4', 0, 0)).toBeGreaterThan(0.2);
  });

  it('never proposes beyond the room that is left', () => {
    const context = [...numbers(0, 50), 0, 1, 2];
    const speculator = new Speculator([new TrieDrafter(new SuffixIndex(1000))], fresh('on'));
    speculator.prompted(context, 0);
    expect(guess(speculator, context, 3)).toEqual([3, 4, 5]);
    expect(guess(speculator, context, 0)).toEqual([]);
    expect(guess(speculator, context, 100).length).toBeLessThanOrEqual(15);
  });
});
