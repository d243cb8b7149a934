/** Tokens in one decode call. */
export const batchTokens = 512;
/** Rows of logits in one decode call: a token of each generating sequence, and their drafts. */
export const outputRows = 128;

/** Work that could be part of the next decode. */
export interface RoundWork {
  readonly id: number;
  readonly priority: 'interactive' | 'background';
  readonly kind: 'decode' | 'prefill';
  /** Tokens that wait: of a prompt, or the pending token and its draft. */
  readonly tokens: number;
  /** Tokens of a prompt that were decoded since it came in; 0 for other work. */
  readonly doneTokens: number;
  /** Most tokens of a prompt in one call at all; see `PrefillChunks.mostAt`. */
  readonly mostTokens: number;
  /** Most tokens of a prompt's next call where that is aborted when interactive work comes in; null for other work. */
  readonly callTokens: number | null;
  /** Decodes alone: last-layer states are read of its rows, so that prompts are decoded in another call. */
  readonly wantsStates: boolean;
  /** Prompts alone: take whole chunks of `reproducibleChunkTokens`, whatever time they take. */
  readonly isReproducible: boolean;
  /** Round before which it came in; among equals the works keep their own order. */
  readonly since: number;
  /** Round that it was part of last, or that before which it came in. */
  readonly servedRound: number;
}

export interface RoundLimits {
  /** Tokens in one decode call. */
  readonly batchTokens: number;
  /** Rows of logits in one decode call, one for each token of generating sequences. */
  readonly outputRows: number;
  /**
   * Most prompt tokens in a round that nobody's next token waits for, where the prompt is not preempted; and in a round
   * where somebody's does.
   */
  readonly prefillTokens: number;
  readonly prefillTokensBesideDecode: number;
  /** Where states and prompts cannot share a call: whether this one is the prompts'. */
  readonly isPromptsTurn: boolean;
}

/** How many of its waiting tokens a piece of work may decode in this round. */
export interface RoundShare {
  readonly id: number;
  readonly tokens: number;
}

/** The works of the class whose turn it is: background work waits while there is interactive work. */
export function worksInTurn<T extends Pick<RoundWork, 'priority'>>(works: readonly T[]): readonly T[] {
  const interactive = works.filter(({ priority }) => priority === 'interactive');
  return interactive.length > 0 ? interactive : works;
}

/** Where chunks must not follow from measured time: a quarter of a second at 250 tokens a second. */
export const reproducibleChunkTokens = 64;

/**
 * Who decodes what in the next call. Background work waits while there is interactive work. Within a class every
 * generating sequence comes first, whole, and where not all have room those that waited longest; then prompts in order of
 * arrival share what is left, in chunks short enough that the generating ones do not stutter. A reproducible prompt waits
 * beside them until its chunk fits or it is the first, so that however many there are, a stream waits for one chunk.
 * Where states are wanted llama.cpp computes outputs for every token of a call, which no prompt should pay for: prompts
 * and those sequences take turns then, in chunks as short as beside them. Pure. The shares are never empty while there is
 * work.
 */
export function planRound(works: readonly RoundWork[], limits: RoundLimits): readonly RoundShare[] {
  const runnable = worksInTurn(works).toSorted((a, b) => a.since - b.since);
  const shares: RoundShare[] = [];
  let rows = Math.min(limits.batchTokens, limits.outputRows);
  let room = limits.batchTokens;
  const takesTurns =
    runnable.some(({ kind }) => kind === 'prefill') &&
    runnable.some(({ kind, wantsStates }) => kind === 'decode' && wantsStates);
  const turn = !takesTurns ? 'both' : limits.isPromptsTurn ? 'prompts' : 'states';
  for (const { id, kind, tokens, wantsStates } of runnable.toSorted(
    (a, b) => a.servedRound - b.servedRound,
  )) {
    if (kind !== 'decode' || tokens > rows || (turn === 'prompts' && wantsStates)) continue;
    shares.push({ id, tokens });
    rows -= tokens;
    room -= tokens;
  }
  if (turn === 'states') return shares;
  const isBesideDecode = shares.length > 0 || turn === 'prompts';
  const prompts = runnable.filter(({ kind }) => kind === 'prefill');
  const chunk = isBesideDecode ? limits.prefillTokensBesideDecode : chunkAlone(prompts, limits);
  let prefillRoom = Math.min(room, chunk);
  let isFirst = true;
  for (const { id, tokens, mostTokens, isReproducible } of prompts) {
    // A reproducible chunk is taken whole or not at all.
    const most = Math.min(
      tokens,
      isReproducible ? reproducibleChunkTokens : Math.min(prefillRoom, mostTokens),
    );
    const mayPass = isReproducible && (isFirst || !isBesideDecode);
    if (most === 0 || most > (mayPass ? room : prefillRoom)) continue;
    shares.push({ id, tokens: most });
    isFirst = false;
    prefillRoom = Math.max(0, prefillRoom - most);
    room -= most;
  }
  return shares;
}

/** A rest that is no longer than this share of a chunk is taken along: a call of few tokens is the slowest per token. */
const shortRest = 0.5;

/**
 * Prompt tokens of a round that nobody's next token waits for. Long chunks are up to a fifth faster, and one that is
 * aborted in the middle is lost: so an interactive prompt, which the next key may cancel, may lose as much as it has
 * kept. Background prompts, for which nobody has to wait because they are preempted, take all that a call holds, or what they
 * were brought down to by calls that were lost.
 */
function chunkAlone(prompts: readonly RoundWork[], { prefillTokens, batchTokens }: RoundLimits): number {
  const yielding = prompts.flatMap(({ callTokens }) => callTokens ?? []);
  if (yielding.length === prompts.length) return Math.min(batchTokens, ...yielding);
  const kept = prompts.map(({ priority, doneTokens }) => (priority === 'interactive' ? doneTokens : 0));
  const chunk = Math.max(prefillTokens, ...kept);
  const waiting = prompts.reduce((sum, { tokens }) => sum + tokens, 0);
  return Math.min(batchTokens, waiting <= chunk * (1 + shortRest) ? waiting : chunk);
}

/** Matrix kernels work in tiles of so many tokens. */
export const tileTokens = 16;

/**
 * Prompt tokens per round from the measured time of one, so that a round takes about `targetMs`: whole tiles, one at
 * least and `most` tokens at most.
 */
export function chunkTokens(msPerToken: number, targetMs: number, most: number): number {
  const tiles = Math.floor(targetMs / Math.max(msPerToken, 0.001) / tileTokens);
  return Math.min(Math.max(tiles, 1) * tileTokens, most);
}
