import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DraftSource } from '../../../../../protocol/traceEvent.ts';
import { AcceptanceRecord } from '../../../../../sidecar/engine/speculation/acceptanceRecord.ts';
import { BatchCost, type BatchCurve } from '../../../../../sidecar/engine/speculation/batchCost.ts';
import { DraftTrust } from '../../../../../sidecar/engine/speculation/draftTrust.ts';
import { chainOf, type Drafter, emptyDraft } from '../../../../../sidecar/engine/speculation/drafter.ts';
import { ProbeBudget } from '../../../../../sidecar/engine/speculation/probeBudget.ts';
import {
  type SpeculationSettings,
  Speculator,
} from '../../../../../sidecar/engine/speculation/speculator.ts';
import { SuffixIndex } from '../../../../../sidecar/engine/speculation/suffixIndex.ts';
import { TrieDrafter } from '../../../../../sidecar/engine/speculation/trieDrafter.ts';

const alone = { tokens: 0, expectedTokens: 0 };

function room(tokens: number, branches = 4) {
  return { tokens, branches, others: alone };
}

/** What a two-core processor was seen to take. */
const processorMs = (tokens: number): number => 20 + 7 * (tokens - 1) + (tokens > 1 ? 8 : 0);
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

function curveOf(callMs: (tokens: number) => number): BatchCurve {
  return [1, 2, 4, 8, 16, 32].map((tokens) => ({ tokens, durationMs: callMs(tokens) }));
}

function settingsFor(callMs: (tokens: number) => number, mode: 'auto' | 'on' = 'auto'): SpeculationSettings {
  return {
    mode,
    cost: new BatchCost(curveOf(callMs)),
    acceptance: new AcceptanceRecord(null),
    trust: new DraftTrust(1),
    probes: new ProbeBudget(),
  };
}

interface Played {
  readonly calls: number;
  readonly drafted: number;
  readonly milliseconds: number;
  readonly sources: ReadonlySet<DraftSource>;
}

interface Play {
  readonly prompt: readonly number[];
  readonly text: readonly number[];
  readonly callMs: (tokens: number) => number;
  readonly settings: SpeculationSettings;
  readonly branches?: number;
  /** Asked behind the trie. */
  readonly drafter?: Drafter;
}

/**
 * Plays a text as a model would say it: every decode call costs `callMs(tokens)`, and keeps the draft's tokens for
 * as long as they are the text's.
 */
function play({ prompt, text, callMs, settings, branches = 4, drafter }: Play): Played {
  const trie = new TrieDrafter(new SuffixIndex(10_000));
  const speculator = new Speculator(drafter === undefined ? [trie] : [trie, drafter], settings);
  const context = [...prompt];
  speculator.prompted(context, 0);
  const played = { calls: 0, drafted: 0, milliseconds: 0, sources: new Set<DraftSource>() };
  let done = 0;
  while (done < text.length) {
    const { nodes, source } = speculator.propose(context, room(text.length - done - 1, branches));
    if (nodes.length > 0) played.sources.add(source);
    const from = context.length;
    let reached = -1;
    for (;;) {
      const next = text[done];
      context.push(next ?? -1);
      done += 1;
      const hit = nodes.findIndex(({ parent, token }) => parent === reached && token === next);
      if (hit === -1 || done === text.length) break;
      reached = hit;
    }
    speculator.generated(context, from);
    const durationMs =
      callMs(1 + nodes.length) + (source === 'trie' ? 0 : (drafter?.draftMs(context, nodes.length) ?? 0));
    settings.cost.record(1 + nodes.length, callMs(1 + nodes.length));
    settings.probes.earn(durationMs, callMs(1));
    played.calls += 1;
    played.drafted += nodes.length;
    played.milliseconds += durationMs;
  }
  return played;
}

interface GuessingOptions {
  readonly promptLength: number;
  readonly isRight: (position: number) => boolean;
  readonly tokenMs: number;
}

/** A model that is right about the next tokens of a text with a fixed chance, for `tokenMs` each. */
class GuessingDrafter implements Drafter {
  readonly source = 'draftModel';
  asked = 0;
  readonly #text: readonly number[];
  readonly #options: GuessingOptions;

  constructor(text: readonly number[], options: GuessingOptions) {
    this.#text = text;
    this.#options = options;
  }

  propose(context: readonly number[], { maxTokens }: { readonly maxTokens: number }) {
    this.asked += 1;
    const done = context.length - this.#options.promptLength;
    const tokens = this.#text
      .slice(done, done + maxTokens)
      .map((token, index) => (this.#options.isRight(done + index) ? token : -1));
    return tokens.length === 0
      ? emptyDraft
      : {
          nodes: chainOf(
            tokens,
            tokens.map(() => 0.8),
          ),
        };
  }

  draftMs(_context: readonly number[], tokens: number): number {
    return this.#options.tokenMs * tokens;
  }

  observe(): void {
    // It looks at the text alone.
  }

  dispose(): void {
    // Nothing is held.
  }
}

describe('Speculator', () => {
  it('takes less than two fifths of the time for a text that repeats its prompt', () => {
    const file = numbers(0, 400);
    const text = [5, ...file.slice(6)];
    const played = play({ prompt: file, text, callMs: processorMs, settings: settingsFor(processorMs) });
    expect(played.milliseconds).toBeLessThan(0.4 * text.length * processorMs(1));
  });

  it('foresees a change that was made before, so that a renamed name does not end a draft each time', () => {
    const line = (n: number, name: number) => [...numbers(1000 + 10 * n, 9), name];
    const file = numbers(0, 40).flatMap((n) => line(n, 7));
    const renamed = numbers(0, 40).flatMap((n) => line(n, 8));
    const played = play({
      prompt: file,
      text: renamed,
      callMs: processorMs,
      settings: settingsFor(processorMs),
    });
    expect(played.milliseconds).toBeLessThan(0.47 * renamed.length * processorMs(1));
  });

  it('costs under 3 % where its drafts are wrong', () => {
    // Each pair of tokens stands in the prompt, and is followed by something else each time.
    const prompt = numbers(0, 600).flatMap((n) => [n % 30, 1000 + n]);
    const text = numbers(0, 600).flatMap((n) => [(7 * n) % 30, 5000 + n]);
    const played = play({ prompt, text, callMs: processorMs, settings: settingsFor(processorMs) });
    expect(played.milliseconds).toBeLessThan(1.03 * text.length * processorMs(1));
  });

  it('costs under 3 % where every token costs as much as a step, however good the drafts', () => {
    const file = numbers(0, 2000);
    const callMs = (tokens: number) => 10 * tokens;
    const played = play({ prompt: file, text: file.slice(1), callMs, settings: settingsFor(callMs) });
    expect(played.milliseconds).toBeLessThan(1.03 * 1999 * 10);
  });

  it('costs under 3 % whatever the costs and however often drafts are right, over 600 tokens', () => {
    const slope = fc.double({ min: 0.02, max: 1.2, noNaN: true });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    const tokenMs = fc.double({ min: 0.5, max: 30, noNaN: true });
    const seeds = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(slope, chance, tokenMs, seeds, (perToken, share, draftTokenMs, seed) => {
        const callMs = (tokens: number): number => 20 * (1 + perToken * (tokens - 1));
        const prompt = numbers(0, 400);
        const isCopied = (n: number): boolean => hashed(n, seed) < share;
        const text = numbers(0, 600).map((n) => (isCopied(n) ? n % 400 : 5000 + n));
        const drafter = new GuessingDrafter(text, {
          promptLength: prompt.length,
          isRight: (position) => hashed(position, seed + 1) < share,
          tokenMs: draftTokenMs,
        });
        const settings = settingsFor(callMs);
        const played = play({ prompt, text, callMs, settings, drafter });
        expect(played.milliseconds).toBeLessThan(1.03 * text.length * callMs(1));
      }),
      { numRuns: 60 },
    );
  });

  it('drafts nothing on the word of guesses that broke their promise, until they keep it again', () => {
    const trust = new DraftTrust(1);
    for (let count = 0; count < 300; count++) trust.record(0.9, count % 10 === 0);
    const settings = { ...settingsFor(processorMs), trust };
    const file = numbers(0, 400);
    const speculator = new Speculator([new TrieDrafter(new SuffixIndex(1000))], settings);
    const context = file.slice(0, 1);
    speculator.prompted(file, 0);
    const lengths = file.slice(1, 200).map((token) => {
      const { nodes } = speculator.propose(context, room(15));
      context.push(token);
      speculator.generated(context, context.length - 1);
      return nodes.length;
    });
    // All guesses are right, and are known to be though none is decoded.
    expect(Math.max(...lengths.slice(0, 20))).toBe(0);
    expect(Math.min(...lengths.slice(-20))).toBeGreaterThan(4);
  });

  it('drafts whatever is found when forced on', () => {
    const prompt = numbers(0, 600).flatMap((n) => [n % 30, 1000 + n]);
    const text = numbers(0, 100).flatMap((n) => [(7 * n) % 30, 5000 + n]);
    const settings = settingsFor(processorMs, 'on');
    expect(play({ prompt, text, callMs: processorMs, settings }).drafted).toBeGreaterThan(90);
  });

  it('asks a drafter that takes time only where the trie has nothing that pays and the gain is expected', () => {
    const prompt = numbers(0, 300);
    const novel = numbers(5000, 300);
    const options = { promptLength: prompt.length, isRight: () => true };
    const quick = new GuessingDrafter(novel, { ...options, tokenMs: 1 });
    const good = play({
      prompt,
      text: novel,
      callMs: processorMs,
      settings: settingsFor(processorMs),
      drafter: quick,
    });
    expect([...good.sources]).toEqual(['draftModel']);
    expect(good.milliseconds).toBeLessThan(0.75 * novel.length * processorMs(1));

    const copied = prompt.slice(1);
    const idle = new GuessingDrafter(copied, { ...options, tokenMs: 1 });
    const byTrie = play({
      prompt,
      text: copied,
      callMs: processorMs,
      settings: settingsFor(processorMs),
      drafter: idle,
    });
    expect(byTrie.sources.has('trie')).toBe(true);
    expect(idle.asked).toBeLessThan(12);

    const slow = new GuessingDrafter(novel, { ...options, tokenMs: 40 });
    play({ prompt, text: novel, callMs: processorMs, settings: settingsFor(processorMs), drafter: slow });
    expect(slow.asked).toBeLessThan(6);
  });

  it('tries a drafter again that was bad and has become good', () => {
    const prompt = numbers(0, 50);
    const novel = numbers(5000, 1500);
    const drafter = new GuessingDrafter(novel, {
      promptLength: prompt.length,
      isRight: (position) => position > 500,
      tokenMs: 1,
    });
    const played = play({
      prompt,
      text: novel,
      callMs: processorMs,
      settings: settingsFor(processorMs),
      drafter,
    });
    expect(played.milliseconds).toBeLessThan(0.9 * novel.length * processorMs(1));
  });

  it('keeps request classes apart and lets them share what the model has shown', () => {
    const file = numbers(0, 200);
    const model = new AcceptanceRecord(null);
    const edit = { ...settingsFor(processorMs), acceptance: new AcceptanceRecord(model) };
    play({ prompt: file, text: file.slice(1), callMs: processorMs, settings: edit });
    const chat = new AcceptanceRecord(model);
    for (let count = 0; count < 60; count++) chat.record('trie/copy 9', false);
    expect(chat.rate('trie/copy 9', 0.3)).toBeLessThan(0.3);
    expect(edit.acceptance.rate('trie/copy 9', 0.3)).toBeGreaterThan(0.6);
  });

  it('drafts nothing where no cost is known, and keeps score all the same', () => {
    const file = numbers(0, 100);
    const settings = { ...settingsFor(processorMs), cost: new BatchCost([]) };
    const speculator = new Speculator([new TrieDrafter(new SuffixIndex(1000))], settings);
    const context = [...file];
    speculator.prompted(context, 0);
    for (const token of file.slice(0, 30)) {
      expect(speculator.propose(context, room(15)).nodes).toEqual([]);
      context.push(token);
      speculator.generated(context, context.length - 1);
    }
    expect(settings.acceptance.rate('trie/copy 7', 0)).toBeGreaterThan(0.5);
  });

  it('never proposes beyond the room that is left, nor branches where there is no room for them', () => {
    const token = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 80 }),
        fc.nat(40),
        fc.constantFrom('auto', 'on'),
        (text, tokens, mode) => {
          const settings = settingsFor((n) => 10 + n, mode);
          const speculator = new Speculator([new TrieDrafter(new SuffixIndex(1000))], settings);
          speculator.prompted(text, 0);
          const { nodes } = speculator.propose(text, room(tokens, 1));
          expect(nodes.length).toBeLessThanOrEqual(tokens);
          expect(nodes.map(({ parent }) => parent)).toEqual(nodes.map((_, index) => index - 1));
        },
      ),
    );
  });
});

/** A number in [0, 1) that a position and a seed always give. */
function hashed(position: number, seed: number): number {
  return ((Math.imul(position + 1, 0x9e3779b1) ^ Math.imul(seed + 7, 0x85ebca6b)) >>> 0) / 2 ** 32;
}
