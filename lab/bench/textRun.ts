import type { DraftCount, Model, RequestClass, TokenId } from '../../sidecar/engine/engine.ts';
import type { LlamaServer } from './baselines/llamaServer.ts';
import { decodeOn, greedy, withPrompt } from './decodeRun.ts';

/** One greedy text, however it was decoded. */
export interface TextRun {
  readonly ids: readonly TokenId[];
  readonly text: string;
  readonly tokensPerSecond: number;
  readonly drafts: readonly SourceCount[];
  /** p1 − p2 of each token; empty where they are not known. */
  readonly margins: readonly number[];
}

/** What was drafted by one source, the engine's or llama-server's. */
export type SourceCount = Omit<DraftCount, 'source' | 'draftCount'> & { readonly source: string };

export interface TextRequest {
  readonly prompt: readonly TokenId[];
  readonly tokens: number;
  readonly requestClass: RequestClass;
}

/** A way to decode the same texts: the engine in some mode, or llama-server with some option. */
export interface Contender {
  readonly name: string;
  readonly run: (request: TextRequest, signal: AbortSignal) => Promise<TextRun>;
}

/** Timed from the call of `generate` to its end, with exact statistics; the prompt is in place by then. */
export function engineContender(name: string, model: Model): Contender {
  return {
    name,
    run: async ({ prompt, tokens, requestClass }, signal) => {
      const options = { tokens, sampler: greedy, seed: 1, alternatives: 5 };
      const { durationMs, ...run } = await withPrompt(
        model,
        prompt,
        (sequence) => decodeOn(sequence, options, signal),
        signal,
        requestClass,
      );
      return { ...run, tokensPerSecond: (1000 * run.ids.length) / durationMs };
    },
  };
}

/** Timed by the server itself, after the prompt. */
export function serverContender(name: string, server: LlamaServer): Contender {
  return {
    name,
    run: async ({ prompt, tokens }, signal) => {
      const { ids, text, tokensPerSecond, draftedTokenCount, acceptedTokenCount } = await server.complete(
        { prompt, tokens },
        signal,
      );
      const drafts = [{ source: name, draftedTokenCount, acceptedTokenCount }];
      return { ids, text, tokensPerSecond, drafts, margins: [] };
    },
  };
}

/** The contender's runs of all requests, in the order of the requests. */
export type ContenderRuns = ReadonlyMap<string, readonly TextRun[]>;

/** Speed of each contender's latest text, as progress shows it. */
export function latestSpeeds(runs: ContenderRuns): string {
  return [...runs]
    .map(([name, texts]) => `${name} ${(texts.at(-1)?.tokensPerSecond ?? NaN).toFixed(1)}`)
    .join(', ');
}

/**
 * Runs every request on every contender. The order of contenders turns by one with each request, so that no one
 * always goes first, and what slows the machine for a while meets them all.
 */
export async function runInTurn(
  contenders: readonly Contender[],
  requests: readonly TextRequest[],
  onRequest: (index: number, runs: ContenderRuns) => void,
  signal: AbortSignal,
): Promise<ContenderRuns> {
  const runs = new Map<string, TextRun[]>(contenders.map(({ name }) => [name, []]));
  for (const [index, request] of requests.entries()) {
    const turn = index % contenders.length;
    for (const { name, run } of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      runs.get(name)?.push(await run(request, signal));
    }
    onRequest(index, runs);
  }
  return runs;
}
