import { type Budget, emptyLedger, type Ledger } from '../../../protocol/budget.ts';
import type {
  Alternative,
  CandidateEnd,
  CandidateId,
  RunnerEvent,
  SamplerSettings,
  SearchEvent,
  TokenColumns,
  TraceEvent,
} from '../../../protocol/traceEvent.ts';

export interface GeneratedTraceOptions {
  readonly seed?: number;
  readonly candidateCount?: number;
  /** Tokens of the longest candidate; the others end a little earlier. */
  readonly tokensPerCandidate?: number;
  /** Tokens that one `tokens/appended` event carries. */
  readonly tokensPerEvent?: number;
  /** Leaves the trace as it is while the request runs. */
  readonly isUnfinished?: boolean;
  readonly title?: string;
}

const sampler: SamplerSettings = { temperature: 0.7, topK: 0, topP: 1, minP: 0.05 };
const budget: Budget = {
  thoughtTokensPerCandidate: 256,
  answerTokensPerCandidate: 64,
  generatedTokens: null,
  durationMs: null,
};
const words =
  'She pays 3 dollars for each of the 12 eggs , so first we find how many are left after breakfast : 16 - 3 - 4 = 9 . Then multiply by the price\nNext step therefore <b>total</b> remains &amp; 漢字 🙂 \tindent'.split(
    ' ',
  );

/**
 * A whole trace made from a seed, for tests of size and of states that a recorded trace does not have. The same
 * options give the same events.
 */
export function generatedTrace(options: GeneratedTraceOptions = {}): readonly TraceEvent[] {
  const {
    seed = 7,
    candidateCount = 4,
    tokensPerCandidate = 200,
    tokensPerEvent = 8,
    isUnfinished = false,
    title = 'Janet’s ducks lay 16 eggs per day. She eats three for breakfast and bakes with four. How much does she make a day at $2 an egg?',
  } = options;
  const random = seededRandom(seed);
  const events: TraceEvent[] = [];
  let timeMs = 0;
  const emit = (event: SearchEvent | RunnerEvent): void => {
    events.push({ ...event, seq: events.length, timeMs: Math.round(timeMs) });
  };
  emit({
    type: 'request/started',
    version: 1,
    requestId: `generated-${seed}`,
    startedAt: '2026-01-15T09:30:00.000Z',
    kind: 'ask',
    title,
    model: { name: 'qwen2.5-coder-0.5b-instruct', hash: 'c'.repeat(64), hashKind: 'sha256' },
    seed,
    sampler,
    strategy: 'auto',
    candidateCount,
    budget,
    promptHash: 'a'.repeat(64),
    promptTokenCount: 58,
  });
  timeMs = 140;
  emit({ type: 'prefill/finished', tokenCount: 58, cachedTokenCount: 21, durationMs: 130 });
  emit({
    type: 'difficulty/decided',
    difficulty: 'normal',
    source: 'entropyRule',
    probabilities: [0.21, 0.58, 0.21],
    meanEntropyNats: 0.42,
    features: { openingTokenCount: 24 },
    why: 'The first 24 tokens had a mean entropy of 0.42 nats, between the bounds for easy and hard.',
    strategy: 'selfConsistency',
    temperature: 0.7,
    budget,
    isAdaptive: true,
    offers: [
      { difficulty: 'easy', strategy: 'direct', candidates: 1, tokenRatio: null },
      { difficulty: 'normal', strategy: 'chainOfThought', candidates: 1, tokenRatio: 1 },
      { difficulty: 'hard', strategy: 'selfConsistency', candidates: 8, tokenRatio: 4.6 },
    ],
    fixedByUser: ['temperature'],
  });
  const ids = Array.from({ length: candidateCount }, (_, id): CandidateId => id);
  for (const candidateId of ids) emit({ type: 'candidate/opened', candidateId, parent: null, sampler });
  const lengths = ids.map((id) => Math.round(tokensPerCandidate * (1 - 0.13 * (id % 4))));
  const written = ids.map(() => 0);
  const longest = isUnfinished ? Math.round(tokensPerCandidate * 0.6) : tokensPerCandidate;
  for (let round = 0; round < longest; round += tokensPerEvent) {
    for (const candidateId of ids) {
      const length = Math.min(lengths[candidateId] ?? 0, longest);
      const from = written[candidateId] ?? 0;
      const count = Math.min(tokensPerEvent, length - from);
      if (count <= 0) continue;
      const answerFrom = Math.round((lengths[candidateId] ?? 0) * 0.92);
      timeMs += count * 4;
      if (from < answerFrom && from + count >= answerFrom) {
        emit({ type: 'cue/appended', candidateId, text: '\n\nFinal answer:', tokenCount: 4 });
      }
      emit({
        type: 'tokens/appended',
        candidateId,
        purpose: from + count > answerFrom ? 'answer' : 'thought',
        tokens: tokenColumns(random, count),
      });
      written[candidateId] = from + count;
    }
  }
  if (isUnfinished) return events;
  const ends = ids.map((id): CandidateEnd => (id === 2 ? 'truncated' : id === 5 ? 'pruned' : 'finished'));
  for (const candidateId of ids) {
    const end = ends[candidateId] ?? 'finished';
    if (end === 'truncated') {
      emit({
        type: 'decision/made',
        kind: 'thoughtClosedAtCap',
        candidateId,
        why: 'The thought reached its cap of 256 tokens and was closed at the end of a sentence.',
      });
    }
    emit({
      type: 'candidate/closed',
      candidateId,
      end,
      answer: end === 'truncated' ? null : candidateId === 3 ? '22' : '18',
    });
  }
  const agreeing = ids.filter((id) => id !== 2 && id !== 3);
  emit({
    type: 'speculation/measured',
    source: 'trie',
    draftCount: 12,
    draftedTokenCount: 60,
    acceptedTokenCount: 41,
  });
  emit({
    type: 'vote/cast',
    selector: 'majority',
    tallies: [
      { answer: '18', candidateIds: agreeing, weight: agreeing.length },
      ...(ids.includes(3) ? [{ answer: '22', candidateIds: [3], weight: 1 }] : []),
    ],
  });
  emit({
    type: 'decision/made',
    kind: 'consensusReached',
    candidateId: null,
    why: `${agreeing.length} candidates agree on 18; the rest cannot overturn that.`,
  });
  emit({
    type: 'answer/selected',
    candidateId: 0,
    answer: '18',
    text: 'Janet has 16 − 3 − 4 = 9 eggs left.\n\n```python\nprint(9 * 2)\n```\n\nShe makes **$18** a day.',
  });
  const ledger = spend(written, timeMs);
  emit({ type: 'ledger/updated', ledger });
  emit({
    type: 'request/finished',
    reason: 'answered',
    ledger,
    timing: { timeToFirstTokenMs: 146, decodeTokensPerSecond: 212.4 },
  });
  return events;
}

function spend(written: readonly number[], durationMs: number): Ledger {
  const kept = written.filter((_, id) => id !== 2 && id !== 3).reduce((sum, count) => sum + count, 0);
  const all = written.reduce((sum, count) => sum + count, 0);
  const answer = Math.round(kept * 0.08);
  return {
    tokens: {
      ...emptyLedger.tokens,
      prompt: 58,
      thought: kept - answer,
      answer,
      discardedCandidate: all - kept,
      rejectedDraft: 19,
    },
    durationMs,
  };
}

function tokenColumns(random: () => number, count: number): TokenColumns {
  const rows = Array.from({ length: count }, () => tokenRow(random));
  return {
    ids: rows.map((row) => row.id),
    texts: rows.map((row) => row.text),
    logprobs: rows.map((row) => row.logprob),
    entropyNats: rows.map((row) => row.entropyNats),
    varentropy: rows.map((row) => row.varentropy),
    margins: rows.map((row) => row.margin),
    alternatives: rows.map((row) => row.alternatives),
    sources: rows.map((row) => (row.isDraft ? 'trie' : 'model')),
  };
}

/** Entropy as models have it: most tokens are certain, a few are wide open. */
function tokenRow(random: () => number) {
  const doubt = random() ** 4 * 3.6;
  const best = Math.exp(-doubt * 0.8);
  const word = (): string => ` ${words[Math.floor(random() * words.length)] ?? 'and'}`;
  const alternatives = Array.from({ length: 5 }, (_, rank): Alternative => {
    const probability = rank === 0 ? best : ((1 - best) / 2 ** rank) * 0.98;
    return { id: rank, text: word(), logprob: Math.log(Math.max(1e-9, probability)) };
  });
  const rank = random() < best ? 0 : 1;
  const chosen = alternatives[rank];
  return {
    id: rank,
    text: chosen?.text ?? '',
    logprob: chosen?.logprob ?? 0,
    entropyNats: doubt,
    varentropy: doubt * (1 + random()),
    margin: Math.max(0, best - (1 - best) / 2),
    alternatives,
    isDraft: random() < 0.1,
  };
}

/** mulberry32: uniform in 0…1, the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
