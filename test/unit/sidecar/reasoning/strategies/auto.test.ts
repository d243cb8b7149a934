import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { SearchEvent, TraceEvent } from '../../../../../protocol/traceEvent.ts';
import {
  type Script,
  scriptBySequence,
  type ScriptedPart,
} from '../../../../../sidecar/engine/scripted/script.ts';
import type {
  AutoTable,
  ChosenStrategy,
  ClassProfile,
} from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { line, thinking } from '../../../../support/engine/stepScript.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

const strategies: readonly ChosenStrategy[] = [
  'direct',
  'chainOfThought',
  'selfConsistency',
  'hedgedBestOfN',
  'verifyByContext',
  'stepBeam',
  'aStar',
  'refineFirstError',
];
const beginAnew: readonly ChosenStrategy[] = ['direct', 'stepBeam', 'aStar', 'refineFirstError'];

/** A table in which every class leads to this. */
function tableOf(profile: Partial<ClassProfile>): AutoTable {
  const whole = {
    strategy: 'chainOfThought',
    temperature: 0.7,
    tokenShare: 1,
    candidates: 16,
    ...profile,
  } as const;
  return { version: 1, default: { easy: whole, normal: whole, hard: whole }, models: {} };
}

/** Lines that end in an answer after a few of them, none like another. */
const lines: Script = thinking((written, sequence) => {
  const count = written.split('\n').length;
  return count > 3 ? 'Final answer:' : line(`Step ${count} by ${sequence}.`, 0.8);
});

const runAuto = (profile: Partial<ClassProfile>, run: ScriptedRun = {}, script: Script = lines) =>
  runScripted(script, {
    ...run,
    request: { strategy: 'auto', candidateCount: 2, maxThoughtTokens: 100, ...run.request },
    dependencies: { tables: [tableOf(profile)], ...run.dependencies },
  });

const eventsOf = <T extends SearchEvent['type']>(events: readonly TraceEvent[], type: T) =>
  events.filter((event): event is Extract<TraceEvent, { readonly type: T }> => event.type === type);

describe.each(strategies)('auto that is led to %s', (strategy) => {
  it('runs it, says so, and answers', async () => {
    const { state, result } = await runAuto({ strategy });
    expect(state.difficulty).toMatchObject({ strategy, temperature: 0.7, source: 'entropyRule' });
    expect(result).toMatchObject({ reason: 'answered' });
    expect(state.candidates.filter(({ status }) => status === 'running')).toEqual([]);
  });

  const fate = beginAnew.includes(strategy) ? 'gives the probe prefix up' : 'goes on with the probe prefix';
  it(`${fate}, and books every token once`, async () => {
    const { state, events } = await runAuto({ strategy });
    const [probePrefix] = state.candidates;
    const isGivenUp = probePrefix?.end === 'pruned' && probePrefix.tokenCount <= 32;
    expect(isGivenUp).toBe(beginAnew.includes(strategy));
    expect(eventsOf(events, 'prefill/finished')).toHaveLength(isGivenUp ? 2 : 1);
    const written = state.candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    const { verification } = state.ledger.tokens;
    expect(generatedTokenCount(state.ledger)).toBe(written + verification);
    if (isGivenUp)
      expect(state.ledger.tokens.discardedCandidate).toBeGreaterThanOrEqual(probePrefix.tokenCount);
  });

  it('has nothing to give up where the class was set', async () => {
    const { state } = await runAuto({ strategy }, { request: { difficulty: 'normal' } });
    expect(state.decisions.map(({ why }) => why).join()).not.toContain('begins anew');
    expect(state.candidates[0]?.id).toBe(0);
  });
});

describe('what the table says of a strategy', () => {
  const profile: Partial<ClassProfile> = {
    strategy: 'stepBeam',
    candidates: 2,
    selector: 'mostConfident',
    stepSearch: { stepChildren: 3, maxSteps: 2 },
    earlyStopping: { trialConfidence: 0.9 },
  };

  it('is in force and in the trace', async () => {
    const { state, events } = await runAuto(profile, { request: { candidateCount: 4 } });
    expect(state.difficulty?.parameters).toEqual({
      candidates: 2,
      selector: 'mostConfident',
      stepSearch: { stepChildren: 3, maxSteps: 2 },
      earlyStopping: {
        consensus: 'certain',
        trialConfidence: 0.9,
        steadyAnswers: false,
        confidencePruning: 'off',
      },
      skipPreamble: false,
      repair: false,
    });
    expect(state.vote?.selector).toBe('mostConfident');
    expect(state.started?.candidateCount).toBe(6);
    // The probe prefix, and six branches of the first step.
    expect(eventsOf(events, 'candidate/opened').length).toBeGreaterThanOrEqual(7);
  });

  it('gives way to what the user chose, member by member', async () => {
    const { state } = await runAuto(profile, {
      request: {
        selector: 'majority',
        stepSearch: { stepChildren: 1 },
        earlyStopping: { trialConfidence: 0 },
        temperature: 0.2,
      },
    });
    expect(state.difficulty).toMatchObject({
      temperature: 0.2,
      parameters: {
        selector: 'majority',
        stepSearch: { stepChildren: 1, maxSteps: 2 },
        earlyStopping: { trialConfidence: 0 },
      },
      fixedByUser: ['temperature', 'selector', 'stepSearch', 'earlyStopping'],
    });
  });

  it('gives a direct answer its own prompt, and the tokens that the thought would have had', async () => {
    const prompts: string[] = [];
    const { state } = await runAuto({ strategy: 'direct', tokenShare: 0.5 }, {}, (context) => {
      prompts.push(context.text);
      return lines(context);
    });
    expect(prompts[0]).toContain('step by step');
    expect(prompts.at(-1)).not.toContain('step by step');
    expect(state.budget).toMatchObject({ thoughtTokensPerCandidate: 0, answerTokensPerCandidate: 50 + 256 });
    expect(state.difficulty?.parameters).toMatchObject({ candidates: 1, selector: null, stepSearch: null });
  });
});

describe('a probe prefix that is gone on with', () => {
  it('is counted once: a short budget gives the thought as much as without it', async () => {
    const endless: ScriptedPart = Array.from({ length: 200 }, () => ({ text: ' hm', entropyNats: 0.3 }));
    const script = thinking(() => endless);
    const request = { budget: { generatedTokens: 64 } };
    const { state } = await runAuto({ strategy: 'chainOfThought' }, { request }, script);
    const alone = await runScripted(script, {
      request: { strategy: 'chainOfThought', maxThoughtTokens: 100, ...request },
    });
    expect(state.difficulty?.source).toBe('entropyRule');
    expect(state.ledger.tokens.thought).toBe(alone.state.ledger.tokens.thought);
    expect(state.ledger.tokens.thought).toBeGreaterThan(32);
  });
});

describe('a probe prefix that cannot be given up', () => {
  const long: ScriptedPart = Array.from({ length: 40 }, () => ({ text: ' hm', entropyNats: 0.3 }));
  const script = scriptBySequence([[long, ' 12']]);

  test.each(beginAnew)(
    'answers where the budget has less left than it took, in the place of %s',
    async (strategy) => {
      const { state } = await runAuto({ strategy }, { request: { budget: { generatedTokens: 20 } } }, script);
      expect(state.difficulty?.strategy).toBe('chainOfThought');
      expect(state.candidates).toHaveLength(1);
      expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(20);
    },
  );

  test.each(['answerNow', 'thinkMore', 'stop'] as const)('does what it was asked: %s', async (action) => {
    const steering = new Steering();
    const { state } = await runAuto(
      { strategy: 'aStar' },
      {
        dependencies: { tables: [tableOf({ strategy: 'aStar' })], steering },
        onEvent: (event) => {
          if (event.type === 'tokens/appended') steering.steer(action);
        },
      },
      script,
    );
    expect(state.candidates).toHaveLength(1);
    expect(state.decisions.map(({ kind }) => kind)).toContain(action === 'stop' ? 'stoppedByUser' : action);
  });
});

describe('a probe prefix that is halted before its first token', () => {
  test.each([
    ['chainOfThought', 'stop', 'candidate/opened'],
    ['aStar', 'stop', 'candidate/opened'],
    ['chainOfThought', 'stop', 'cue/appended'],
    ['chainOfThought', 'answerNow', 'cue/appended'],
    ['stepBeam', 'answerNow', 'cue/appended'],
  ] as const)('is one candidate in the log, led to %s: %s behind %s', async (strategy, action, type) => {
    const steering = new Steering();
    let isAsked = false;
    const { state, events } = await runAuto(
      { strategy },
      {
        request: { skipPreamble: true },
        dependencies: { steering },
        onEvent: (event) => {
          if (event.type !== type || isAsked) return;
          isAsked = true;
          steering.steer(action);
        },
      },
    );
    expect(isAsked).toBe(true);
    expect(eventsOf(events, 'candidate/opened').map(({ candidateId }) => candidateId)).toEqual([0]);
    expect(state.candidates).toHaveLength(1);
    expect(state.difficulty?.strategy).toBe('chainOfThought');
    expect(state.status).toMatchObject({ reason: action === 'stop' ? 'stoppedByUser' : 'answered' });
  });
});

describe('golden traces', () => {
  test('of a beam that begins after the probe prefix', async () => {
    const { state, events } = await runAuto({
      strategy: 'stepBeam',
      selector: 'mostConfident',
      stepSearch: { stepChildren: 2, maxSteps: 3 },
    });
    expectGolden('autoStepBeam', renderTrace(state, events));
  });

  test('of a direct answer after the probe prefix', async () => {
    const { state, events } = await runAuto({ strategy: 'direct', temperature: 0 });
    expectGolden('autoDirect', renderTrace(state, events));
  });
});

test('whatever the table says, auto ends within its budget, and the same way with the same seed', async () => {
  const anyProfile = fc.record({
    strategy: fc.constantFrom(...strategies),
    tokenShare: fc.constantFrom(0, 0.2, 1),
    candidates: fc.integer({ min: 1, max: 4 }),
    stepSearch: fc.record({
      stepChildren: fc.integer({ min: 1, max: 3 }),
      maxSteps: fc.integer({ min: 1, max: 4 }),
    }),
    earlyStopping: fc.record({ trialConfidence: fc.constantFrom(0, 0.5) }),
    skipPreamble: fc.boolean(),
  });
  const anyRequest = fc.record({
    seed: fc.nat(1000),
    candidateCount: fc.integer({ min: 1, max: 4 }),
    maxThoughtTokens: fc.nat(60),
    budget: fc.record({ generatedTokens: fc.option(fc.nat(150)), durationMs: fc.option(fc.nat(1500)) }),
  });
  await fc.assert(
    fc.asyncProperty(anyProfile, anyRequest, async (profile, request) => {
      const first = await runAuto(profile, { request });
      expect(first.thrown).toBeNull();
      const most = request.budget.generatedTokens ?? Infinity;
      expect(generatedTokenCount(first.state.ledger)).toBeLessThanOrEqual(most);
      expect((await runAuto(profile, { request })).events).toEqual(first.events);
    }),
    { numRuns: 150 },
  );
});
