import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../protocol/budget.ts';
import { confidencePruningChoices, consensusChoices } from '../../../protocol/messages.ts';
import { strategyIds } from '../../../protocol/strategyTable.ts';
import {
  difficultyClasses,
  selectorIds,
  type CandidateId,
  type TraceEvent,
} from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../protocol/traceState.ts';
import type { Script } from '../../../sidecar/engine/scripted/script.ts';
import { philox } from '../../../sidecar/numeric/random.ts';
import { problemSignature } from '../../../sidecar/strategies/memory/problemSignature.ts';
import { StrategyMemoryFile } from '../../../sidecar/strategies/memory/strategyMemoryFile.ts';
import type { AskRequest } from '../../../sidecar/strategies/requestRunner.ts';
import { Steering, type SteerAction } from '../../../sidecar/strategies/steering.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { runScripted, scriptedQuestion, type ScriptedOutcome } from '../../support/scriptedRequest.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporaryFolder.ts';

const words = [
  ' so',
  ' then',
  ' it is',
  '.',
  '\n',
  ' 12',
  ' 9',
  '\nFinal answer:',
  ' because',
  ' = 12',
  '```',
  '!',
];

/** What a checker, judge or critic may say within its grammar. */
function verdictBy(grammar: string, draw: (index: number) => number): string {
  if (grammar.includes('"yes"')) return draw(1) % 2 === 0 ? 'yes' : 'no';
  const [, others] = /score \(", " score\)\{(\d+)\}/u.exec(grammar) ?? [];
  if (others === undefined) return String(draw(1) % 4);
  const scores = Array.from({ length: Number(others) + 1 }, (_, index) => draw(index + 1) % 10);
  return `{"checklist": ["Four legs"], "scores": [${scores.join(', ')}]}`;
}

/**
 * A model that babbles: words, length and entropy drawn from the request's seed, so equal requests write the same. Every other
 * time it keeps to a grammar that it is held to.
 */
const babble: Script = ({ sequence, call, request }) => {
  const draw = (index: number): number => philox([sequence, call, index, 0], [request.seed, 9])[0];
  if (request.grammar !== undefined && request.seed % 2 === 0) return verdictBy(request.grammar, draw);
  return Array.from({ length: draw(0) % 60 }, (_, index) => ({
    text: words[draw(index + 1) % words.length] ?? ' ',
    entropyNats: (draw(index + 1) % 100) / 100,
  }));
};

interface Case {
  readonly request: Partial<AskRequest>;
  readonly contextTokens: number;
  /** Whether `auto` chooses by what came out well before. */
  readonly remembers: boolean;
  /** What happens while it runs, by number of the event after which it does. */
  readonly steps: ReadonlyMap<number, SteerAction | 'cancel'>;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  request: fc.record({
    strategy: fc.constantFrom(...strategyIds),
    selector: fc.constantFrom(...selectorIds),
    candidateCount: fc.integer({ min: 1, max: 6 }),
    maxThoughtTokens: fc.nat(80),
    seed: fc.nat(1_000_000),
    budget: fc.record(
      {
        generatedTokens: fc.option(fc.nat(120)),
        durationMs: fc.option(fc.nat(1500)),
        answerTokensPerCandidate: fc.nat(40),
      },
      { requiredKeys: [] },
    ),
    earlyStopping: fc.record({
      consensus: fc.constantFrom(...consensusChoices),
      trialConfidence: fc.constantFrom(0, 0.5, 0.95),
      steadyAnswers: fc.boolean(),
      confidencePruning: fc.constantFrom(...confidencePruningChoices),
    }),
    stepSearch: fc.record({
      stepChildren: fc.integer({ min: 1, max: 4 }),
      maxSteps: fc.integer({ min: 1, max: 6 }),
    }),
    skipPreamble: fc.constantFrom(null, true, false),
    difficulty: fc.constantFrom(null, 'easy' as const, 'normal' as const, 'hard' as const),
  }),
  contextTokens: fc.integer({ min: 60, max: 800 }),
  remembers: fc.boolean(),
  steps: fc
    .array(
      fc.tuple(
        fc.nat(60),
        fc.constantFrom('answerNow' as const, 'thinkMore' as const, 'stop' as const, 'cancel' as const),
      ),
      {
        maxLength: 3,
      },
    )
    .map((steps) => new Map(steps)),
});

let memory: StrategyMemoryFile;
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  memory = new StrategyMemoryFile(folder.path, new ManualClock());
  const lost = { strategy: 'chainOfThought', hasWon: false, tokens: 40 } as const;
  const won = { strategy: 'selfConsistency', hasWon: true, tokens: 90 } as const;
  for (const difficulty of difficultyClasses)
    await memory.learn(problemSignature({ question: scriptedQuestion, attachment: null }, difficulty), [
      lost,
      won,
    ]);
});
afterAll(() => folder[Symbol.asyncDispose]());

async function play({ request, contextTokens, remembers, steps }: Case): Promise<ScriptedOutcome> {
  const steering = new Steering();
  const cancellation = new AbortController();
  return runScripted(babble, {
    request,
    engine: { contextTokens },
    dependencies: { steering, memory: remembers ? memory : null },
    signal: cancellation.signal,
    onEvent: ({ seq }) => {
      const step = steps.get(seq);
      if (step === 'cancel') cancellation.abort();
      else if (step !== undefined) steering.steer(step);
    },
  });
}

/** Tokens of a candidate's whole text: its own, and what it shares with those it was forked from. */
function keptTokens({ candidates }: TraceState, id: CandidateId): number {
  const candidate = candidates.find((other) => other.id === id);
  if (candidate === undefined) throw new Error(`There is no candidate ${id}.`);
  let shared = 0;
  for (let { parent } = candidate; parent !== null;) {
    const { candidateId, tokenCount } = parent;
    const owner = candidates.find((other) => other.id === candidateId);
    if (owner === undefined)
      throw new Error(`Candidate ${id} continues candidate ${candidateId}, which is not there.`);
    expect(tokenCount).toBeLessThanOrEqual(owner.tokenCount);
    shared += tokenCount;
    parent = owner.parent;
  }
  return candidate.tokenCount + shared;
}

describe('whatever a model writes and a user does', () => {
  test('every request ends with exactly one closing event and numbers its events without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { events, thrown } = await play(given);
        const closings = events.filter((e) => e.type === 'request/finished' || e.type === 'request/failed');
        expect(closings).toEqual([events.at(-1)]);
        expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
        expect(events[0]?.type).toBe('request/started');
        expect(thrown === null).toBe(closings[0]?.type === 'request/finished');
      }),
      { numRuns: 300 },
    );
  });

  test('every request says once how hard it was judged, unless it was cancelled or failed', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { events, result } = await play(given);
        const decided = events.filter(({ type }) => type === 'difficulty/decided');
        if (result === null || result.reason === 'cancelled') expect(decided.length).toBeLessThanOrEqual(1);
        else expect(decided).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test('no budget is overspent: of tokens in all, of thought and of answer by candidate', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state } = await play(given);
        const { budget, ledger } = state;
        if (budget === null) throw new Error('A request has a budget.');
        expect(generatedTokenCount(ledger)).toBeLessThanOrEqual(budget.generatedTokens ?? Infinity);
        for (const candidate of state.candidates) {
          const spent = { thought: 0, answer: 0 };
          for (const s of candidate.segments) if (s.type === 'generated') spent[s.purpose] += s.to - s.from;
          const mayThinkMore = [...given.steps.values()].includes('thinkMore');
          if (!mayThinkMore) expect(spent.thought).toBeLessThanOrEqual(budget.thoughtTokensPerCandidate);
          expect(spent.answer).toBeLessThanOrEqual(budget.answerTokensPerCandidate);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the ledger adds up to the tokens in the log, and keeps only the selected candidate as thought and answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state } = await play(given);
        const written = state.candidates.reduce((sum, candidate) => sum + candidate.tokenCount, 0);
        expect(
          generatedTokenCount(state.ledger) -
            state.ledger.tokens.verification -
            state.ledger.tokens.trialAnswer,
        ).toBe(written);
        if (state.selected === null) return;
        const kept = keptTokens(state, state.selected.candidateId);
        expect(state.ledger.tokens.thought + state.ledger.tokens.answer).toBe(kept);
      }),
      { numRuns: 300 },
    );
  });

  test('the same request and seed give the same log', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        expect((await play(given)).events).toEqual((await play(given)).events);
      }),
      { numRuns: 100 },
    );
  });

  test('checkers, judges and critics come to a verdict in some of these runs, and are kept from it in others', async () => {
    const cases = fc.sample(anyCase, { numRuns: 400, seed: 1 });
    const states = await Promise.all(cases.map(async (given) => (await play(given)).state));
    const kinds = new Set(states.flatMap(({ decisions }) => decisions.map(({ kind }) => kind)));
    const selectors = new Set(states.map(({ vote }) => vote?.selector));
    for (const kind of ['selectionFellBack', 'strategyRemembered', 'stepDoubted', 'candidatesWait'] as const)
      expect(kinds).toContain(kind);
    for (const selector of ['checklistJudge', 'contextCheck', 'majority'] as const)
      expect(selectors).toContain(selector);
  });

  test('columns are equally long, and a log delivered twice or in pieces reduces to the same state', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat(100), async (given, cut) => {
        const { events, state } = await play(given);
        for (const { tokens, tokenCount } of state.candidates) {
          for (const column of Object.values(tokens)) expect(column).toHaveLength(tokenCount);
        }
        const early: readonly TraceEvent[] = events.slice(0, cut);
        const half = reduceTraceAll(initialTraceState, early);
        expect(reduceTraceAll(half, early)).toEqual(half);
        expect(reduceTraceAll(half, events)).toEqual(state);
      }),
      { numRuns: 100 },
    );
  });
});
