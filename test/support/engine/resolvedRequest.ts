import { unconfined } from '../verify/isolation.ts';
import type { AskParams, SidecarSettings } from '../../../protocol/messages.ts';
import type { ModelIdentity, TraceEvent } from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../protocol/traceState.ts';
import { entropyRule, uncalibratedThresholds } from '../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { splitWords, type Script } from '../../../sidecar/engine/scripted/script.ts';
import { DailyBudget } from '../../../sidecar/app/dailyBudget.ts';
import { Questions } from '../../../sidecar/app/questions.ts';
import { RunningRequests } from '../../../sidecar/app/runningRequests.ts';
import { openStores } from '../../../sidecar/app/stores.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import type { SignatureRecord } from '../../../sidecar/reasoning/memory/strategyMemory.ts';
import { ManualClock } from '../machine/manualClock.ts';
import { thinking } from './stepScript.ts';
import { scriptedModel } from './scriptedRequest.ts';
import { temporaryFolder } from '../machine/temporaryFolder.ts';
import { withoutFallback } from '../sidecar/withoutFallback.ts';

/** What a question is asked with. */
export interface ResolvedCase {
  readonly model: ModelIdentity;
  readonly settings?: Partial<SidecarSettings>;
  readonly params?: Partial<AskParams>;
  /** Done to the request once it has written this many pieces of text. */
  readonly steer?: { readonly action: 'answerNow' | 'thinkMore' | 'stop'; readonly afterPieces: number };
  /** What the memory of strategies has of the question's kind, by the kind's name. */
  readonly remembered?: Readonly<Record<string, SignatureRecord['strategies']>>;
}

const steps = 12;
/** A thought of twelve steps, none like another candidate's, then an answer. */
const thinker = thinking((written, sequence) => {
  const first = written.split('\n').length;
  const left = Array.from({ length: Math.max(0, steps - first) }, (_, index) => first + index);
  const text = left.map((step) => `Step ${step} by ${sequence} of them.\n`).join('');
  return splitWords(`${text}Final answer:`).map((word) => ({
    text: word,
    logprob: Math.log(0.3),
    entropyNats: 0.3,
  }));
});
const script: Script = (situation) =>
  situation.text.includes('Python function')
    ? '```python\ndef double(n):\n    return 2 * n\n```'
    : thinker(situation);

/**
 * What a question comes to, as settings and parameters have it: prompt, model, budget, strategy with its parameters,
 * samplers, tokens of each candidate, and what decided. Whatever only names or dates a request is left out. The product
 * resolves it; a scripted model answers.
 */
export async function resolvedRequest({ model, settings: changes, params, steer, remembered }: ResolvedCase) {
  await using folder = await temporaryFolder();
  const settings = { ...defaultSettings, storePath: folder.path, ...changes };
  // Text comes in pieces by time, so each decode takes some.
  const clock = new ManualClock();
  const onDecode = (): void => {
    clock.advance(10);
  };
  const stores = openStores(settings, { environment: {}, clock }, () => undefined);
  for (const [signature, strategies] of Object.entries(remembered ?? {}))
    for (const [strategy, { wins }] of Object.entries(strategies))
      await stores.strategyMemory.learn(signature, [
        { strategy: strategy as 'direct', hasWon: wins > 0, tokens: 1 },
      ]);
  const daily = new DailyBudget(
    () => stores.spending,
    () => settings.tokensPerDay,
    { note: () => undefined },
  );
  const running = new RunningRequests();
  const questions = new Questions({
    ...withoutFallback({
      assign: () => undefined,
      acquire: async (_signal, role?: string) => ({
        model: await scriptedModel(script, {
          onDecode,
          info: { identity: role === undefined ? model : { ...model, name: role } },
        }),
        estimator: entropyRule(uncalibratedThresholds),
        notes: [],
        release: () => undefined,
      }),
    }),
    settings: () => settings,
    stores: () => stores,
    daily,
    running,
    codeParser: null,
    fast: null,
    clock,
    nextRequestId: () => 'request-1',
    drawSeed: () => 1,
    isolation: unconfined,
    workspacePath: () => folder.path,
    log: () => undefined,
    onTraceFailure: (error) => {
      throw error;
    },
  });
  const events: TraceEvent[] = [];
  let pieces = 0;
  await questions.ask(
    { question: 'How many legs do three cats have?', ...params },
    (reported) => {
      events.push(...reported);
      pieces += reported.filter(({ type }) => type === 'tokens/appended').length;
      if (steer !== undefined && pieces >= steer.afterPieces)
        running.steer({ requestId: 'request-1', action: steer.action });
    },
    new AbortController().signal,
  );
  await daily.settled();
  return { resolved: resolvedOf(reduceTraceAll(initialTraceState, events)), difficulty: decidedOf(events) };
}

function resolvedOf({ started, difficulty, candidates, vote, verifications, decisions }: TraceState): string {
  const { strategy, candidateCount, budget, promptHash } = started ?? {};
  return JSON.stringify({
    model: started?.model,
    asked: { strategy, candidateCount, budget, promptHash },
    decided: difficulty && {
      strategy: difficulty.strategy,
      temperature: difficulty.temperature,
      budget: difficulty.budget,
      parameters: difficulty.parameters,
    },
    candidates: candidates.map(({ sampler, tokenCount }) => ({ sampler, tokenCount })),
    selector: vote?.selector,
    verifications: verifications.map(({ command, outcome }) => ({ command, outcome })),
    decisions: decisions.map(({ kind }) => kind),
  });
}

function decidedOf(events: readonly TraceEvent[]) {
  return events.find((event) => event.type === 'difficulty/decided') ?? null;
}
