import { CodedError, toCodedError } from '../../../protocol/codedError.ts';
import type { Model, Sequence, TokenId } from '../../../sidecar/engine/engine.ts';
import { type CancelPlace, cancelPlaces, heldEvery, leadTokens, timeAt } from '../cancelPlaces.ts';
import { decodeOn, greedy, withPrompt } from '../decodeRun.ts';
import { chatTokens, coldPrompt, storyQuestion } from '../prompts.ts';
import { type Suite, withModel } from './suite.ts';

const prefillTokens = 4000;
/** Tokens that a prompt goes on for after its cancel, so that it rarely comes too late. */
const spareTokens = 1024;
/** Runs for one place: where the machine has become so much faster that a cancel came too late, the next comes sooner. */
const mostTries = 4;
const decodeTokens = 128;
const prefillCancelsPerRound = 6;
const decodeCancelsPerRound = 20;
/** Share of a whole decode that the latest cancel comes at: the rest is spare, as cancels must not come too late. */
const latestDecodeShare = 0.25;
const placeSeed = 1;

/** How long the engine goes on after a cancel, at moments spread over a prefill and over the first part of a decode. */
export const cancelSuite: Suite = {
  name: 'cancel',
  summary: 'Time from a cancel to its effect, within a prefill and while decoding',
  parts: [],
  rounds: 5,
  minutesPerRound: 0.6,
  run: (context) =>
    withModel(context, { contextTokens: 2 * prefillTokens, prefixBytes: 0 }, async (model) => {
      const { rounds, note, signal } = context;
      const prefillCount = rounds * prefillCancelsPerRound;
      const prefillSamples = await withHeldPrefixes(model, signal, async (prefixes) => {
        const samples: number[] = [];
        for (const [index, place] of cancelPlaces(prefillCount, prefillTokens, placeSeed).entries()) {
          samples.push(
            await cancelPrefill(model, { place, prefixes, variant: 1 + index * mostTries }, signal),
          );
        }
        return samples;
      });
      note(`  ${prefillCount} cancels within a prefill measured`);
      const story = await chatTokens(model, storyQuestion);
      const decodeMs = await decodeFor(model, story, signal);
      const decodeSamples: number[] = [];
      for (const delayMs of moments(rounds * decodeCancelsPerRound, latestDecodeShare * decodeMs)) {
        decodeSamples.push(await cancelDecode(model, story, delayMs, signal));
      }
      return {
        figures: [
          {
            type: 'sampled',
            name: `cancel within a ${prefillTokens}-token prefill`,
            unit: 'ms',
            samples: prefillSamples,
          },
          { type: 'sampled', name: 'cancel while decoding', unit: 'ms', samples: decodeSamples },
        ],
        setup: {},
        notes: [
          'From the abort of the caller’s signal until the call has ended in the caller’s thread.',
          `Each of the ${prefillCount} prefills is cancelled at a token drawn from another part of the ` +
            `${prefillTokens}: it goes on from a held prefix and computes at least ${leadTokens} tokens before, or all ` +
            'that come before, so that all but those near the beginning are cancelled in chunks as long as they get.',
        ],
        backend: model.info.backend,
      };
    }),
};

/** Delays in milliseconds, evenly spread. */
function moments(count: number, wholeMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) / count) * wholeMs);
}

/** Beginnings of one prompt that prefills go on from, and what computing them took. */
interface HeldPrefixes {
  /** By start token; none for an empty one. */
  readonly sequences: ReadonlyMap<number, Sequence>;
  /** From the prompt's beginning to the end of each `heldEvery` tokens. */
  readonly endsMs: readonly number[];
}

async function withHeldPrefixes<T>(
  model: Model,
  signal: AbortSignal,
  use: (prefixes: HeldPrefixes) => Promise<T>,
): Promise<T> {
  const partCount = Math.ceil(prefillTokens / heldEvery);
  const prompt = await coldPrompt(model, partCount * heldEvery, 0);
  const growing = await model.openSequence({ priority: 'interactive' }, signal);
  const sequences = new Map<number, Sequence>();
  const endsMs: number[] = [];
  try {
    for (let start = 0; start < prompt.length; start += heldEvery) {
      if (start > 0) {
        for (const held of await growing.fork(1, signal)) sequences.set(start, held);
      }
      const { durationMs } = await growing.append(prompt.slice(start, start + heldEvery), signal);
      endsMs.push((endsMs.at(-1) ?? 0) + durationMs);
    }
    return await use({ sequences, endsMs });
  } finally {
    for (const sequence of [growing, ...sequences.values()]) await sequence.dispose();
  }
}

interface PrefillCancel {
  readonly place: CancelPlace;
  readonly prefixes: HeldPrefixes;
  /** First of `mostTries` that no other place has, so that nothing of what a run computes is cached. */
  readonly variant: number;
}

async function cancelPrefill(
  model: Model,
  { place: { startToken, cancelToken }, prefixes: { sequences, endsMs }, variant }: PrefillCancel,
  signal: AbortSignal,
): Promise<number> {
  const restTokens = Math.ceil(cancelToken) + spareTokens - startToken;
  let delayMs = timeAt(cancelToken, endsMs) - timeAt(startToken, endsMs);
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const rest = await coldPrompt(model, restTokens, variant + attempt);
    const sequence = await openAt(model, sequences.get(startToken), signal);
    try {
      const run = await cancelAppend(sequence, rest, delayMs, signal);
      if (run.type === 'cancelled') return run.elapsedMs;
      delayMs = (run.durationMs * (cancelToken - startToken)) / restTokens;
    } finally {
      await sequence.dispose();
    }
  }
  throw cameTooLate();
}

/** How long an append went on after its cancel, or how long it took where it was over before. */
type CancelledAppend =
  | { readonly type: 'cancelled'; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly durationMs: number };

async function cancelAppend(
  sequence: Sequence,
  tokens: readonly TokenId[],
  delayMs: number,
  signal: AbortSignal,
): Promise<CancelledAppend> {
  const cancel = cancelAfter(delayMs);
  cancel.start();
  try {
    const { durationMs } = await sequence.append(tokens, AbortSignal.any([signal, cancel.signal]));
    return { type: 'finished', durationMs };
  } catch (thrown) {
    signal.throwIfAborted();
    if (toCodedError(thrown).code !== 'cancelled') throw thrown;
    return { type: 'cancelled', elapsedMs: cancel.elapsedMs() };
  }
}

/** A branch of a held prefix, or an empty sequence where there is none. */
async function openAt(model: Model, held: Sequence | undefined, signal: AbortSignal): Promise<Sequence> {
  const [branch] = (await held?.fork(1, signal)) ?? [];
  return branch ?? model.openSequence({ priority: 'interactive' }, signal);
}

async function cancelDecode(
  model: Model,
  prompt: readonly number[],
  delayMs: number,
  signal: AbortSignal,
): Promise<number> {
  return withPrompt(
    model,
    prompt,
    async (sequence) => {
      const cancel = cancelAfter(delayMs);
      cancel.start();
      const options = { tokens: decodeTokens, sampler: greedy, seed: 1, alternatives: 5 };
      await decodeOn(sequence, options, AbortSignal.any([signal, cancel.signal]));
      signal.throwIfAborted();
      return cancel.elapsedMs();
    },
    signal,
  );
}

async function decodeFor(model: Model, prompt: readonly number[], signal: AbortSignal): Promise<number> {
  const options = { tokens: decodeTokens, sampler: greedy, seed: 1, alternatives: 5 };
  const run = await withPrompt(model, prompt, (sequence) => decodeOn(sequence, options, signal), signal);
  return run.durationMs;
}

/** A signal that aborts once, some time after `start`, and knows how long ago. */
function cancelAfter(delayMs: number) {
  const controller = new AbortController();
  let abortedAtMs: number | null = null;
  return {
    signal: controller.signal,
    start: (): void => {
      setTimeout(() => {
        abortedAtMs = performance.now();
        controller.abort();
      }, delayMs);
    },
    elapsedMs: (): number => {
      if (abortedAtMs === null) throw cameTooLate();
      return performance.now() - abortedAtMs;
    },
  };
}

function cameTooLate(): CodedError {
  return new CodedError(
    'engine.failed',
    'The run was over before it was cancelled, so nothing was measured.',
    'Choose a larger model for this suite.',
  );
}
