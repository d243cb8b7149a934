import { CodedError } from '../../protocol/codedError.ts';
import type { Model, TokenId } from '../../sidecar/engine/engine.ts';
import type { MeasuredRatio } from '../../sidecar/layerSkip/skipProfile.ts';
import { greedyRequest } from './greedyText.ts';

export interface SpeedOptions {
  /** What is continued; long enough that no model ends at once. */
  readonly prompt: readonly TokenId[];
  /** Each measures both models, in changing order. */
  readonly rounds: number;
  /** Tokens of one measurement; more than come in one batch. */
  readonly tokens: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onRound: () => void;
}

/**
 * Decode speed of `smaller` over that of `whole`, in turns, so that what disturbs the machine disturbs both. Both are
 * loaded without speculation. Anything else that runs meanwhile spoils the figure. Throws `engine.failed` where a model
 * ends its text before, since speeds of different lengths say nothing of each other.
 */
export async function measureDecodeSpeed(
  whole: Model,
  smaller: Model,
  options: SpeedOptions,
  signal: AbortSignal,
): Promise<MeasuredRatio> {
  const ratios: number[] = [];
  // The first of each warms caches and is not counted.
  await msPerToken(whole, options, signal);
  await msPerToken(smaller, options, signal);
  for (let round = 0; round < options.rounds; round++) {
    let wholeMs = 0;
    let smallerMs = 0;
    const order = round % 2 === 0 ? ['whole', 'smaller'] : ['smaller', 'whole'];
    for (const turn of order) {
      if (turn === 'whole') wholeMs = await msPerToken(whole, options, signal);
      else smallerMs = await msPerToken(smaller, options, signal);
    }
    ratios.push(wholeMs / smallerMs);
    options.onRound();
  }
  return summarizeRatios(ratios);
}

/** Median and quartiles by linear interpolation. Pure; of an empty list not numbers. */
export function summarizeRatios(ratios: readonly number[]): MeasuredRatio {
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? NaN;
    const above = sorted[Math.ceil(place)] ?? NaN;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75), rounds: ratios.length };
}

/** From the first batch of tokens to the last. Throws `engine.failed` for less than was asked for. */
async function msPerToken(
  model: Model,
  { prompt, tokens, now }: SpeedOptions,
  signal: AbortSignal,
): Promise<number> {
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  try {
    await sequence.append(prompt, signal);
    let firstMs: number | null = null;
    let lastMs = 0;
    let written = 0;
    let counted = 0;
    for await (const steps of sequence.generate(greedyRequest(tokens), signal)) {
      lastMs = now();
      written += steps.length;
      if (firstMs === null) firstMs = lastMs;
      else counted += steps.length;
    }
    if (written < tokens || counted === 0) throw endedEarly(model, written, tokens);
    return (lastMs - (firstMs ?? lastMs)) / counted;
  } finally {
    await sequence.dispose();
  }
}

function endedEarly(model: Model, written: number, tokens: number): CodedError {
  return new CodedError(
    'engine.failed',
    `${model.info.identity.name} ended its text after ${written} of ${tokens} tokens, so its speed was not measured.`,
    'Leave fewer blocks out of it: a copy that ends where the whole model goes on is of little use.',
  );
}
