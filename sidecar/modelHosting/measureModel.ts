import { requireLocal } from '../engine/requireLocal.ts';
import { cancelled } from '../engine/cancelled.ts';
import type { GenerateRequest, Model, Sequence, TokenId } from '../engine/engine.ts';
import { MeasuringTime } from '../engine/speeds/measuringTime.ts';
import type { BatchCurve } from '../engine/speculation/batchCost.ts';

/** A call that warms up what the others find warm, and says how many tokens the others may have. */
const firstTokens = 32;
/** Tokens of a measured call, and such calls: the fastest counts, as disturbances only ever add. */
const mostTokens = 128;
const calls = 3;
/** Sequences whose steps are measured. */
const sequenceCounts = [1, 2, 4, 8] as const;
/** Steps of each, after a prompt of a few tokens. */
const steps = 4;
const promptTokens = 8;

/** What limits a measurement. */
export interface MeasureLimits {
  /** Aborted where somebody needs the model, or time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds until time is up, at the beginning. */
  readonly limitMs: number;
  /** Whether the signal was aborted because time is up, and for nothing else. */
  readonly isTimeUp: () => boolean;
}

/**
 * Milliseconds that a token of a prompt takes. A model that cannot read the first few within the limit is given the speed that it
 * did not reach, so that it is not measured again and again. Throws `cancelled` where the signal was aborted before.
 */
export async function measurePrefill(
  model: Model,
  { signal, limitMs, isTimeUp }: MeasureLimits,
  now: () => number,
): Promise<number> {
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  const msPerToken = async (tokens: number): Promise<number> => {
    const startedMs = now();
    await sequence.append(anyTokens(model, sequence.length, tokens), signal);
    return (now() - startedMs) / tokens;
  };
  let best = Infinity;
  try {
    best = await msPerToken(firstTokens);
    const fitting = Math.floor(limitMs / (calls + 1) / best);
    const tokens = Math.min(mostTokens, Math.max(firstTokens, fitting));
    for (let call = 0; call < calls; call++) best = Math.min(best, await msPerToken(tokens));
    return best;
  } catch (thrown) {
    if (!isTimeUp()) throw thrown;
    return Math.min(best, limitMs / firstTokens);
  } finally {
    await close(sequence);
  }
}

/**
 * Milliseconds of a step by the sequences that share it, those counts that time allows. Throws `cancelled` where not even one
 * sequence was measured.
 */
export async function measureSequences(
  model: Model,
  { signal, limitMs }: Pick<MeasureLimits, 'signal' | 'limitMs'>,
  now: () => number,
): Promise<BatchCurve> {
  const time = new MeasuringTime(limitMs, now);
  const curve: { readonly tokens: number; readonly durationMs: number }[] = [];
  for (const count of sequenceCounts) {
    const last = curve.at(-1);
    // A step of twice as many sequences takes twice as long at most.
    if (last !== undefined && !time.hasRoomFor(((last.durationMs * count) / last.tokens) * steps)) break;
    try {
      curve.push({ tokens: count, durationMs: await stepMs(model, count, { signal, now }) });
    } catch (thrown) {
      if (curve.length === 0) throw thrown;
      break;
    }
  }
  return curve;
}

async function stepMs(
  model: Model,
  count: number,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Promise<number> {
  // Nothing is drafted for it, and nothing reused.
  const first = await model.openSequence({ priority: 'background', isReproducible: true }, signal);
  let all: readonly Sequence[] = [first];
  try {
    await first.append(anyTokens(model, 0, promptTokens), signal);
    if (count > 1) all = [first, ...(await first.fork(count - 1, signal))];
    const startedMs = now();
    const runs = await Promise.all(all.map((sequence, seed) => stepsOf(sequence, seed, { signal, now })));
    const longest = runs.toSorted((a, b) => b.count - a.count)[0];
    // Of a model that is slow, those steps count that were done before time was up.
    if (longest === undefined || longest.count === 0) throw cancelled();
    return (longest.endedMs - startedMs) / longest.count;
  } finally {
    for (const sequence of all) await close(sequence);
  }
}

/** Steps that were decoded, the one that ended the text included, and when the last of them was over. */
async function stepsOf(
  sequence: Sequence,
  seed: number,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Promise<{ readonly count: number; readonly endedMs: number }> {
  const request: GenerateRequest = {
    sampler: { temperature: 1, topK: 0, topP: 1, minP: 0 },
    seed,
    maxTokens: steps,
    softLimit: null,
    stopTexts: [],
    alternatives: 0,
  };
  let count = 0;
  let endedMs = now();
  const run = sequence.generate(request, signal);
  for (;;) {
    const next = await run.next();
    if (next.done === true && next.value.end.type !== 'endToken') return { count, endedMs };
    count += next.done === true ? 1 : next.value.length;
    endedMs = now();
    if (next.done === true) return { count, endedMs };
  }
}

/** A text that nobody has asked for, so that none of it is in the cache. */
function anyTokens({ info }: Model, start: number, count: number): readonly TokenId[] {
  const size = requireLocal(info).vocabularySize;
  return Array.from({ length: count }, (_, index) => (17 + 31 * (start + index)) % size);
}

/** Leaves no cells that a prompt could go on from. */
async function close(sequence: Sequence): Promise<void> {
  await sequence.truncate(0).catch(() => undefined);
  await sequence.dispose();
}
