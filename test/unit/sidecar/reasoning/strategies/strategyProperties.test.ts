import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attachment } from '../../../../../protocol/attachment.ts';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import { confidencePruningChoices, consensusChoices } from '../../../../../protocol/earlyStopTable.ts';
import { needsValueHead, selectorIds } from '../../../../../protocol/selectorTable.ts';
import { isDirect, strategyIds } from '../../../../../protocol/strategyTable.ts';
import {
  type CandidateId,
  difficultyClasses,
  type SelectorId,
  type TraceEvent,
} from '../../../../../protocol/traceEvent.ts';
import {
  candidateText,
  initialTraceState,
  reduceTraceAll,
  type TraceState,
} from '../../../../../protocol/traceState.ts';
import { capabilityTiers } from '../../../../../sidecar/engine/scripted/capabilityTiers.ts';
import { philox } from '../../../../../sidecar/numeric/random.ts';
import { writtenCode } from '../../../../../sidecar/reasoning/answers/writtenCode.ts';
import { problemSignature } from '../../../../../sidecar/reasoning/memory/problemSignature.ts';
import { StrategyMemoryFile } from '../../../../../sidecar/reasoning/memory/strategyMemoryFile.ts';
import { type SteerAction, Steering } from '../../../../../sidecar/request/steering.ts';
import type { CodeVerifier } from '../../../../../sidecar/verify/codeVerifier.ts';
import { confinementOf } from '../../../../../sidecar/verify/confinement/sandbox.ts';
import type { CodeParser } from '../../../../../sidecar/verify/codeParser.ts';
import { babble, codeQuestion } from '../../../../support/engine/babble.ts';
import {
  type FlatRequest,
  runScripted,
  type ScriptedOutcome,
  scriptedQuestion,
} from '../../../../support/engine/scriptedRequest.ts';
import { noSandbox } from '../../../../support/verify/isolation.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const attachedCode: Attachment = { languageId: 'python', path: 'add.py', text: 'def add(a, b): pass' };

const decodeMs = 10;
const parseMs = 5;
/** Between two looks of a test at whether it is to end. */
const testStepMs = 10;

const confinement = confinementOf(noSandbox);
const testOutcomes = ['passed', 'failed', 'timedOut', 'notStarted'] as const;

/** A test command that takes its time by the clock, is called off in time, and comes to what the seed draws. */
function drawnTests(seed: number, clock: ManualClock): CodeVerifier {
  let runs = 0;
  return {
    command: 'test',
    verify: async (_code, _attachment, signal) => {
      const [first, second] = philox([runs++, 0, 0, 0], [seed, 10]);
      const outcome = testOutcomes[first % testOutcomes.length] ?? 'failed';
      const startedMs = clock.now();
      const neededMs = outcome === 'timedOut' ? 5000 : second % 2000;
      while (clock.now() - startedMs < neededMs && !signal.aborted) {
        clock.advance(testStepMs);
        await Promise.resolve();
      }
      const durationMs = clock.now() - startedMs;
      if (signal.aborted)
        return { outcome: 'cancelled', exitCode: null, output: '', durationMs, confinement };
      const exitCode = outcome === 'passed' ? 0 : outcome === 'failed' ? 1 : null;
      return { outcome, exitCode, output: '', durationMs, confinement };
    },
  };
}

/** A parser that takes its time by the clock, and finds what the seed draws, the same in the same code. */
function drawnReadings(seed: number, clock: ManualClock): CodeParser {
  return {
    read: async ({ text }) => {
      await Promise.resolve();
      clock.advance(parseMs);
      const drawn = philox([text.length, 0, 0, 0], [seed, 11])[0] % 3;
      if (drawn === 2) return { unread: 'nothing names its language' };
      return { errorCount: drawn, firstError: drawn === 0 ? null : { line: 1, column: 1 } };
    },
  };
}

type Tier = keyof typeof capabilityTiers;

/** Those that do more than count. */
const busySelectors: readonly SelectorId[] = ['checklistJudge', 'contextCheck', 'verifiedCode'];

interface Case {
  readonly tier: Tier;
  readonly request: FlatRequest;
  readonly contextTokens: number;
  /** Whether `auto` chooses by what came out well before. */
  readonly remembers: boolean;
  /** What happens while it runs, by number of the event after which it does. */
  readonly steps: ReadonlyMap<number, SteerAction | 'cancel'>;
}

/** Too little as often as enough. */
const scarceOr = (enough: number, scarce: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(scarce, fc.constant(enough));

/** Many come early, when there is least that could act on them. */
const anyStep = fc.tuple(
  fc.oneof(fc.nat(8), fc.nat(60)),
  fc.constantFrom('answerNow' as const, 'thinkMore' as const, 'stop' as const, 'cancel' as const),
);

/** Those that are not refused without a value head. */
const headless = selectorIds.filter((id) => !needsValueHead(id));

const caseAt = (tier: Tier): fc.Arbitrary<Case> =>
  fc.record({
    tier: fc.constant(tier),
    request: fc.record({
      question: fc.constantFrom(scriptedQuestion, codeQuestion),
      attachment: fc.constantFrom(null, null, null, attachedCode),
      strategy: fc.constantFrom(...strategyIds),
      selector: fc.option(fc.constantFrom(...headless, ...busySelectors)),
      candidateCount: fc.integer({ min: 1, max: 6 }),
      maxThoughtTokens: scarceOr(80, fc.nat(80)),
      seed: fc.nat(1_000_000),
      budget: fc.record(
        {
          generatedTokens: fc.option(scarceOr(2000, fc.nat(120))),
          durationMs: fc.option(scarceOr(5000, fc.nat(1500))),
          answerTokensPerCandidate: scarceOr(256, fc.nat(40)),
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
      repair: fc.constantFrom(null, true, false),
      difficulty: fc.constantFrom(null, 'easy' as const, 'normal' as const, 'hard' as const),
    }),
    contextTokens: scarceOr(4096, fc.integer({ min: 60, max: 800 })),
    remembers: fc.boolean(),
    // Half of the requests are left alone.
    steps: fc
      .oneof(fc.constant([]), fc.array(anyStep, { minLength: 1, maxLength: 3 }))
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

/** Drafted tokens are those that the engine says were drafted, whoever was told. */
async function play({
  tier,
  request,
  contextTokens,
  remembers,
  steps,
}: Case): Promise<ScriptedOutcome & { readonly draftedTokens: number }> {
  const steering = new Steering();
  const cancellation = new AbortController();
  const clock = new ManualClock();
  const { seed = 0 } = request;
  let draftedTokens = 0;
  const outcome = await runScripted(babble, {
    request,
    engine: {
      contextTokens,
      capabilities: capabilityTiers[tier],
      onDecode: () => {
        clock.advance(decodeMs);
      },
      drafts: ({ sequence, call }) => {
        if (philox([sequence, call, 0, 0], [seed, 12])[0] % 2 === 0) return [];
        draftedTokens += 3;
        return [{ source: 'trie', draftCount: 1, draftedTokenCount: 3, acceptedTokenCount: 1 }];
      },
    },
    dependencies: {
      steering,
      memory: remembers ? memory : null,
      clock,
      codeParser: drawnReadings(seed, clock),
      verifier: drawnTests(seed, clock),
    },
    signal: cancellation.signal,
    onEvent: ({ seq }) => {
      const step = steps.get(seq);
      if (step === 'cancel') cancellation.abort();
      else if (step !== undefined) steering.steer(step);
    },
  });
  return { ...outcome, draftedTokens };
}

/** A decode step may be under way when the time is over, and the code that it ended is read then; or a step of a test may be. */
function graceMs(candidateCount: number): number {
  return Math.max(decodeMs + candidateCount * parseMs, testStepMs);
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

/** Every kind of engine, and how many cases of each: servers share the code of the first. */
const tiers = [
  { tier: 'local', numRuns: 300 },
  { tier: 'llamaServer', numRuns: 100 },
  { tier: 'completions', numRuns: 100 },
  { tier: 'chatOnly', numRuns: 150 },
] as const;

describe.each(tiers)('on $tier, whatever a model writes and a user does', ({ tier, numRuns }) => {
  const anyCase = caseAt(tier);

  test('every request ends with exactly one closing event, and numbers its events and candidates without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { events, thrown } = await play(given);
        const closings = events.filter((e) => e.type === 'request/finished' || e.type === 'request/failed');
        expect(closings).toEqual([events.at(-1)]);
        expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
        expect(events[0]?.type).toBe('request/started');
        const opened = events.flatMap((e) => (e.type === 'candidate/opened' ? [e.candidateId] : []));
        expect(opened).toEqual(opened.map((_, index) => index));
        expect(thrown === null).toBe(closings[0]?.type === 'request/finished');
        // Anything else, such as what the tier lacks, is a bug.
        if (thrown !== null) expect(thrown).toMatchObject({ code: 'context.exceeded' });
      }),
      { numRuns },
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
      { numRuns },
    );
  });

  test('no budget is overspent: of time, of tokens in all, of thought and of answer by candidate', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state } = await play(given);
        const { budget, ledger } = state;
        if (budget === null) throw new Error('A request has a budget.');
        expect(generatedTokenCount(ledger)).toBeLessThanOrEqual(budget.generatedTokens ?? Infinity);
        expect(ledger.durationMs).toBeLessThanOrEqual(
          (budget.durationMs ?? Infinity) + graceMs(state.candidates.length),
        );
        for (const candidate of state.candidates) {
          const spent = { thought: 0, answer: 0 };
          for (const s of candidate.segments) if (s.type === 'generated') spent[s.purpose] += s.to - s.from;
          const mayThinkMore = [...given.steps.values()].includes('thinkMore');
          if (!mayThinkMore) expect(spent.thought).toBeLessThanOrEqual(budget.thoughtTokensPerCandidate);
          expect(spent.answer).toBeLessThanOrEqual(budget.answerTokensPerCandidate);
        }
      }),
      { numRuns },
    );
  });

  test('the ledger adds up to the tokens in the log, and keeps only the selected candidate as thought and answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state, draftedTokens } = await play(given);
        const measured = state.speculation.map((draft) => draft.draftedTokenCount);
        expect(measured.reduce((sum, count) => sum + count, 0)).toBe(draftedTokens);
        expect(state.ledger.tokens.rejectedDraft).toBe((2 * draftedTokens) / 3);
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
      { numRuns },
    );
  });

  test('a program is repaired once at most, after all others, and only where none has passed', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state, events } = await play(given);
        const repairs = state.candidates.filter((candidate) => candidate.repairs !== null);
        expect(repairs.length).toBeLessThanOrEqual(given.request.repair === false ? 0 : 1);
        const [repair] = repairs;
        if (repair === undefined) return;
        expect(repair.id).toBe(state.candidates.length - 1);
        expect(repair.repairs).toBeLessThan(repair.id);
        const begun = events.findIndex((e) => e.type === 'candidate/opened' && e.candidateId === repair.id);
        const passed = events.findIndex((e) => e.type === 'verification/finished' && e.outcome === 'passed');
        if (passed >= 0) expect(passed).toBeGreaterThan(begun);
      }),
      { numRuns },
    );
  });

  test('the same request and seed give the same log', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        expect((await play(given)).events).toEqual((await play(given)).events);
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  test('code that passes its test is the answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { state } = await play(given);
        const passed = state.verifications.filter(({ outcome }) => outcome === 'passed');
        // Only there is everything tested, and what passes votes.
        const { earlyStopping, strategy } = given.request;
        const mayPassTwice = strategy === 'directBestOfN' && earlyStopping?.consensus === 'off';
        if (!mayPassTwice) expect(passed.length).toBeLessThanOrEqual(1);
        const { selected, candidates } = state;
        if (passed.length === 0 || selected === null) return;
        const codeOf = (id: CandidateId) => {
          const candidate = candidates.find((one) => one.id === id);
          return candidate && writtenCode(candidateText(candidate))?.text.trimEnd();
        };
        expect(passed.map(({ candidateId }) => codeOf(candidateId))).toContain(codeOf(selected.candidateId));
      }),
      { numRuns },
    );
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
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });
});

test('on a server, each strategy says once what it does otherwise', async () => {
  for (const strategy of strategyIds) {
    const [given] = fc.sample(caseAt('chatOnly'), { numRuns: 1, seed: 4 });
    if (given === undefined) throw new Error('There is a case.');
    const { state } = await play({
      ...given,
      contextTokens: 4096,
      steps: new Map(),
      request: { strategy, candidateCount: 3, selector: 'mostConfident', difficulty: 'hard' },
    });
    const lacks = state.decisions.filter(({ kind }) => kind === 'engineLacks').map(({ why }) => why);
    expect(new Set(lacks).size).toBe(lacks.length);
    expect(lacks.some((why) => why.startsWith('Thought and answer are written as one text'))).toBe(
      !isDirect(strategy),
    );
  }
});

describe('in some of these runs', () => {
  let states: readonly TraceState[] = [];
  beforeAll(async () => {
    const cases = fc.sample(caseAt('local'), { numRuns: 800, seed: 1 });
    states = await Promise.all(cases.map(async (given) => (await play(given)).state));
  });
  const decisions = () => states.flatMap((state) => state.decisions);

  test.each([
    'strategyRemembered',
    'candidatesWait',
    'consensusReached',
    'noAgreement',
    'testPassed',
    'repairBegun',
    'repairLeftOut',
  ] as const)('%s is decided', (kind) => {
    expect(decisions().map((decision) => decision.kind)).toContain(kind);
  });

  test.each(headless)('%s decides', (selector) => {
    expect(states.map(({ vote }) => vote?.selector)).toContain(selector);
  });

  test.each([
    ['a judge', 'selectionFellBack', /^The judge was left out, because its verdict cannot be read/u],
    ['a check', 'selectionFellBack', /^The check of each answer was left out, because its verdict/u],
    [
      'a check before a vote',
      'answersChecked',
      /^The check of each answer was left out, because its verdict/u,
    ],
    ['a critic', 'searchEnded', /because the critic was left out: its verdict cannot be read/u],
  ] as const)('%s is kept from its verdict', (_, kind, why) => {
    expect(decisions()).toContainEqual(
      expect.objectContaining({ kind, why: expect.stringMatching(why) as string }),
    );
  });

  test('judges, checks and critics come to each verdict that they can', () => {
    expect(states.some(({ judgement }) => judgement !== null)).toBe(true);
    const checks = decisions().flatMap(({ kind, why }) => (kind === 'answersChecked' ? [why] : []));
    for (const verdict of [
      /^The check left out/u,
      /held no answer for wrong/u,
      /held every answer for wrong/u,
    ])
      expect(checks).toContainEqual(expect.stringMatching(verdict));
    for (const kind of ['stepDoubted', 'noStepDoubted'] as const)
      expect(decisions().map((decision) => decision.kind)).toContain(kind);
  });

  test('code is parsed, and tested with every outcome, of one candidate, too', () => {
    const errorCounts = states.flatMap(({ parsings }) => parsings.map(({ errorCount }) => errorCount));
    expect(new Set(errorCounts)).toEqual(new Set([0, 1]));
    expect(decisions().map(({ kind }) => kind)).toContain('codeNotParsed');
    const outcomes = states.flatMap((state) => state.verifications.map(({ outcome }) => outcome));
    expect(new Set(outcomes)).toEqual(new Set([...testOutcomes, 'cancelled']));
    const alone = states.filter(({ candidates, verifications }) => {
      return candidates.length === 1 && verifications.length === 1;
    });
    expect(alone).not.toEqual([]);
  });
});
