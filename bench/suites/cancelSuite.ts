import type { Model } from '../../sidecar/engine/engine.ts';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import { decodeOn, greedy, timeToFirstToken, withPrompt } from '../decodeRun.ts';
import { chatTokens, coldPrompt, storyQuestion } from '../prompts.ts';
import { withModel, type Suite } from './suite.ts';

const prefillTokens = 4000;
const decodeTokens = 128;
const cancelsPerRound = 20;
/** Share of a whole run that the latest cancel comes at: later ones might come too late. */
const latestShare = 0.8;

/** How long the engine goes on after a cancel, at moments spread evenly over a prefill and over a decode. */
export const cancelSuite: Suite = {
  name: 'cancel',
  summary: 'Time from a cancel to its effect, within a prefill and while decoding',
  parts: [],
  rounds: 5,
  minutesPerRound: 1.5,
  run: (context) =>
    withModel(context, { contextTokens: 2 * prefillTokens }, async (model) => {
      const { rounds, note, signal } = context;
      const count = rounds * cancelsPerRound;
      const prefillMs = await timeToFirstToken(model, await coldPrompt(model, prefillTokens, 0), signal);
      const prefillSamples: number[] = [];
      for (const [index, delayMs] of moments(count, prefillMs).entries()) {
        const prompt = await coldPrompt(model, prefillTokens, index + 1);
        prefillSamples.push(await cancelPrefill(model, prompt, delayMs, signal));
      }
      note(`  ${count} cancels within a prefill measured`);
      const story = await chatTokens(model, storyQuestion);
      const decodeMs = await decodeFor(model, story, signal);
      const decodeSamples: number[] = [];
      for (const delayMs of moments(count, decodeMs)) {
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
        notes: ['From the abort of the caller’s signal until the call has ended in the caller’s thread.'],
        backend: model.info.backend,
      };
    }),
};

/** Delays in milliseconds, evenly spread over most of what a whole run takes. */
function moments(count: number, wholeMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) / count) * latestShare * wholeMs);
}

async function cancelPrefill(
  model: Model,
  prompt: readonly number[],
  delayMs: number,
  signal: AbortSignal,
): Promise<number> {
  const cancel = cancelAfter(delayMs);
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  try {
    cancel.start();
    await sequence.append(prompt, AbortSignal.any([signal, cancel.signal]));
    throw cameTooLate();
  } catch (thrown) {
    signal.throwIfAborted();
    if (toCodedError(thrown).code !== 'cancelled') throw thrown;
    return cancel.elapsedMs();
  } finally {
    await sequence.dispose();
  }
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
