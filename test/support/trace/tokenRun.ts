import type { TokenColumns } from '../../../protocol/traceEvent.ts';

/** Columns of as many tokens as there are entropies in nats; texts default to ` t0`, ` t1` …. */
export function tokenRun(entropyNats: readonly number[], texts?: readonly string[]): TokenColumns {
  return {
    ids: entropyNats.map((_, index) => index),
    texts: texts ?? entropyNats.map((_, index) => ` t${index}`),
    logprobs: entropyNats.map((nats) => -nats),
    entropyNats,
    varentropy: entropyNats.map(() => 0),
    margins: entropyNats.map(() => 1),
    alternatives: entropyNats.map(() => []),
    sources: entropyNats.map(() => 'model'),
  };
}
