import { emptyLedger } from '../../protocol/budget.ts';
import { completionsHealth, type Health } from '../../protocol/health.ts';
import type {
  CompleteParams,
  CompleteResult,
  CompletionProgress,
  CompletionReport,
  SidecarSettings,
} from '../../protocol/messages.ts';
import { Completer, type CompleterDependencies } from '../completion/completer.ts';
import { OtherFiles } from '../completion/otherFiles.ts';
import { PromptReading } from '../completion/promptReading.ts';
import type { Model } from '../engine/engine.ts';
import { Steering } from '../request/steering.ts';
import { shapeReaders } from '../syntax/shapeReaders.ts';
import type { DailyBudget } from './dailyBudget.ts';
import type { RunningRequests } from './runningRequests.ts';

interface CompletionDependencies extends Pick<
  CompleterDependencies,
  'documents' | 'clock' | 'traces' | 'onTraceFailure'
> {
  /** WASM files of the grammars that code is parsed with. */
  readonly syntaxFolder: string;
  readonly settings: () => SidecarSettings;
  readonly health: () => Health;
  /** Of the model that writes completions. */
  readonly acquireModel: CompleterDependencies['acquireModel'];
  /** What a token of a prompt takes, as it was measured when the model was first used; null before that. */
  readonly measuredMsPerToken: (model: Model) => number | null;
  readonly running: RunningRequests;
  readonly daily: DailyBudget;
  readonly nextRequestId: () => string;
  readonly workspaceUri: () => string | null;
  /** Whether the client offers parts of files itself. */
  readonly clientOffers: () => boolean;
  /** Takes the decode speed of each completion. */
  readonly noteSpeed: (model: string | null, tokensPerSecond: number | null) => void;
  readonly log: (line: string) => void;
}

/** Writes completions, and reads ahead for them while nothing is asked. */
export class Completions {
  readonly otherFiles: OtherFiles;
  readonly #dependencies: CompletionDependencies;
  readonly #reading: PromptReading;
  readonly #completer: Completer;
  readonly #listeners = new Set<(report: CompletionReport) => void>();

  constructor(dependencies: CompletionDependencies) {
    const { documents, clock, log, settings, health, acquireModel, running, daily } = dependencies;
    this.#dependencies = dependencies;
    this.#reading = new PromptReading({
      measuredMsPerToken: dependencies.measuredMsPerToken,
      onIdleRead: ({ info }, prompt) => {
        daily.book(info.identity.name, { ...emptyLedger, tokens: { ...emptyLedger.tokens, prompt } });
      },
    });
    this.otherFiles = new OtherFiles({
      documents,
      clock,
      isOn: () => settings().completionOtherFiles && completionsHealth(health()).state === 'ready',
      isIdle: () => running.isIdle,
      workspaceUri: dependencies.workspaceUri,
      clientOffers: dependencies.clientOffers,
      acquireModel,
      maxTokens: () => settings().completionMaxTokens,
      reading: this.#reading,
      log,
    });
    this.#completer = new Completer({
      documents,
      clock,
      shapes: shapeReaders(dependencies.syntaxFolder, clock),
      settings,
      health: () => completionsHealth(health()),
      acquireModel,
      traces: dependencies.traces,
      onTraceFailure: dependencies.onTraceFailure,
      isDaySpent: async () => (await daily.tokensLeft()) === 0,
      book: (...spent) => {
        daily.book(...spent);
      },
      otherFiles: this.otherFiles,
      reading: this.#reading,
    });
  }

  /** Whether a prompt is being read that nobody has asked for. */
  get isReadingIdle(): boolean {
    return this.#reading.isReadingIdle;
  }

  onFinished(listener: (report: CompletionReport) => void): void {
    this.#listeners.add(listener);
  }

  /** Completes at a position; `report` gets how far the completion is, for a client that asked for that. */
  async complete(
    params: CompleteParams,
    report: (progress: readonly CompletionProgress[]) => void,
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    const { running, nextRequestId, noteSpeed, log } = this.#dependencies;
    const requestId = nextRequestId();
    const steering = new Steering();
    const ended = running.begin(requestId, steering, signal);
    try {
      const result = await this.#completer.complete(params, { requestId, steering, report }, ended);
      const { suppressed, model, timing } = result.report;
      noteSpeed(model, timing.decodeTokensPerSecond);
      if (suppressed !== null) log(`completion suppressed: ${suppressed}`);
      for (const listener of this.#listeners) listener(result.report);
      return result;
    } finally {
      running.end(requestId);
      steering.close();
    }
  }
}
