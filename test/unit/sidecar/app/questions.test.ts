import { expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../protocol/budget.ts';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { AskParams } from '../../../../protocol/messages.ts';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { DailyBudget } from '../../../../sidecar/app/dailyBudget.ts';
import { Questions } from '../../../../sidecar/app/questions.ts';
import { RunningRequests } from '../../../../sidecar/app/runningRequests.ts';
import { openStores } from '../../../../sidecar/app/stores.ts';
import type { Script } from '../../../../sidecar/engine/scripted/script.ts';
import { type Clock, systemClock } from '../../../../sidecar/process/clock.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { unconfined } from '../../../support/verify/isolation.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { expectGolden } from '../../../support/trace/golden.ts';
import { renderTrace } from '../../../support/trace/traceText.ts';
import { withoutFallback } from '../../../support/sidecar/withoutFallback.ts';

const tokensPerDay = 1000;
const thinker: Script = () => 'Three cats have four legs each. Final answer: 12\n';

/** Questions over a store of their own; `ask` tells with which strategy and bound one was run, and what it took. */
function asking(storePath: string, script: Script, clock: Clock = systemClock) {
  const settings = { ...defaultSettings, storePath, tokensPerDay };
  const stores = openStores(settings, { environment: {}, clock }, () => undefined);
  const daily = new DailyBudget(
    () => stores.spending,
    () => tokensPerDay,
    { note: () => undefined },
  );
  let count = 0;
  const questions = new Questions({
    ...withoutFallback({
      assign: () => undefined,
      acquire: async (_signal, role?: string) => ({
        model: await scriptedModel(script, {
          info: {
            identity: { name: role?.replace('path:', '') ?? 'scripted', hash: '0', hashKind: 'sha256' },
          },
        }),
        estimator: entropyRule(uncalibratedThresholds),
        notes: [],
        release: () => undefined,
      }),
    }),
    settings: () => settings,
    isolation: unconfined,
    stores: () => stores,
    daily,
    running: new RunningRequests(),
    codeParser: null,
    fast: null,
    clock,
    nextRequestId: () => `request-${count++}`,
    drawSeed: () => 1,
    workspacePath: () => null,
    log: () => undefined,
    onTraceFailure: (error) => {
      throw error;
    },
  });
  const ask = async (params: Partial<AskParams>) => {
    const events: TraceEvent[] = [];
    const { ledger, answer } = await questions.ask(
      { question: 'How many legs do three cats have?', ...params },
      (reported) => events.push(...reported),
      new AbortController().signal,
    );
    const started = events.find((event) => event.type === 'request/started');
    return {
      events,
      answer,
      strategy: started?.strategy,
      bound: started?.budget.generatedTokens,
      spent: generatedTokenCount(ledger),
    };
  };
  return { ask, daily };
}

test('questions that are asked at once take no tokens of the day twice, and give back what they did not take', async () => {
  await using folder = await temporaryFolder();
  const { ask, daily } = asking(folder.path, thinker);
  const wide = { strategy: 'selfConsistency', candidates: 4 } as const;
  const [first, second] = await Promise.all([ask(wide), ask(wide)]);
  expect(first).toMatchObject({ strategy: 'selfConsistency', bound: tokensPerDay });
  expect(second).toMatchObject({ strategy: 'direct', bound: 128 });
  const third = await ask(wide);
  expect(third.bound).toBe(tokensPerDay - first.spent - second.spent);
  await daily.settled();
});

test('a question that fails gives its part of the day back', async () => {
  await using folder = await temporaryFolder();
  let isBroken = true;
  const { ask, daily } = asking(folder.path, (context) => {
    if (isBroken) throw new CodedError('engine.failed', 'No.', 'Do.');
    return thinker(context);
  });
  await expect(ask({ strategy: 'chainOfThought' })).rejects.toMatchObject({ code: 'engine.failed' });
  isBroken = false;
  expect(await ask({ strategy: 'chainOfThought' })).toMatchObject({ bound: tokensPerDay });
  await daily.settled();
});

test('a question that is routed says first which model answers it, and why', async () => {
  await using folder = await temporaryFolder();
  const script: Script = ({ text }) =>
    text.endsWith('Final answer:') ? ' 12\n' : 'Three cats have four legs each.\nFinal answer:';
  const { ask, daily } = asking(folder.path, script, new ManualClock());
  const { events, answer } = await ask({
    route: ['small'],
    strategy: 'chainOfThought',
    difficulty: 'easy',
  });
  const started = events.find((event) => event.type === 'request/started');
  expect(started?.model.name).toBe('small');
  expect(answer).toBe('12');
  expectGolden('routed', renderTrace(reduceTraceAll(initialTraceState, events), events));
  await daily.settled();
});
