import type { EditParams, EditResult } from '../../protocol/edit.ts';
import type { AskParams } from '../../protocol/messages.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { type AskedEdit, askedEdit, editsOfAnswer } from '../edits/askedEdit.ts';
import { editAnswerTokens, requireEditFits } from '../edits/contextFit.ts';
import { hasEnoughTests } from '../edits/fewTests.ts';
import { type EditMeasurements, measuredKinds, requireAbleToEdit } from '../edits/measuredEdits.ts';
import { rethrowUnlessJudged } from '../edits/judgedEdit.ts';
import { withEdits } from '../edits/rangeEdits.ts';
import type { Model } from '../engine/engine.ts';
import { ModelRouter } from '../modelHosting/modelRouter.ts';
import { type AskRequest, runRequest } from '../reasoning/run/requestRunner.ts';
import { type EventSink, sinkTo } from '../request/eventChannel.ts';
import { sequenceOptionsFor } from '../request/sequenceOptions.ts';
import { Steering } from '../request/steering.ts';
import { present } from '../validation/fieldReader.ts';
import { askRequestOf } from './askRequest.ts';
import { EditTrials } from './editTrials.ts';
import { addedSyntaxError } from '../verify/addedSyntaxError.ts';
import { verifierOf } from '../verify/codeVerifier.ts';
import type { DayPart } from './dailyBudget.ts';
import { awayDecision, type QuestionDependencies } from './questions.ts';

interface EditDependencies extends Omit<QuestionDependencies, 'fast'> {
  /** How models did in the bench. */
  readonly measured: EditMeasurements;
  /** Takes the decode speed of each edit; null where it was too short to measure. */
  readonly noteSpeed: (model: string, tokensPerSecond: number | null) => void;
}

/** Has ranges of documents changed by a model. Changes no document itself. */
export class Edits {
  readonly #dependencies: EditDependencies;
  readonly #router: ModelRouter;

  constructor(dependencies: EditDependencies) {
    this.#dependencies = dependencies;
    this.#router = new ModelRouter(dependencies);
  }

  /**
   * Asks for an edit; `report` gets its events as they happen. Waits for a model that is loading. What cannot be asked is
   * refused before the model is: see `askedEdit`, `requireAbleToEdit` and `requireEditFits`.
   */
  async edit(
    params: EditParams,
    report: (events: readonly TraceEvent[]) => void,
    signal: AbortSignal,
  ): Promise<EditResult> {
    const asked = askedEdit(params);
    const { running, clock, onTraceFailure } = this.#dependencies;
    const trials = this.#trialsOf(asked);
    const { lease, away } = await this.#router.lease(params.model ?? null, signal);
    const { model, estimator } = lease;
    const requestId = this.#dependencies.nextRequestId();
    const steering = new Steering();
    const ended = running.begin(requestId, steering, signal);
    let releaseDay = (): void => undefined;
    try {
      const mostCandidates = await requireEditFits(asked, {
        info: model.info,
        tokenize: (text) => tokenCount(model, text),
      });
      await this.#requireAble(params, { model, trials }, ended);
      const part = await this.#requestOf(asked, params, { requestId, mostCandidates });
      releaseDay = part.release;
      const { text, reason, ledger, timing, tracePath } = await runRequest(
        { ...part.request, preface: [...(part.request.preface ?? []), ...awayDecision(away)] },
        {
          model,
          estimator,
          steering,
          fast: null,
          verifier: trials.verifier,
          codeParser: trials.codeParser,
          clock,
          traces: this.#dependencies.stores().traces,
          onTraceFailure,
        },
        { events: this.#booked(model, report), signal: ended },
      );
      const { name } = model.info.identity;
      this.#dependencies.noteSpeed(name, timing.decodeTokensPerSecond);
      const of = { requestId, model: name, version: params.document.version };
      return {
        ...of,
        ...(await this.#editsOf(asked, text)),
        verification: trials.runOf(text),
        text,
        reason,
        ledger,
        timing,
        tracePath,
      };
    } finally {
      releaseDay();
      running.end(requestId);
      lease.release();
    }
  }

  /** Reports events, and books at the end what they cost. */
  #booked(
    { info }: Pick<Model, 'info'>,
    report: (events: readonly TraceEvent[]) => void,
  ): EventSink<TraceEvent> {
    return sinkTo((event: TraceEvent) => {
      if (event.type === 'request/finished' || event.type === 'request/failed')
        this.#dependencies.daily.book(info.identity.name, event.ledger);
      report([event]);
    });
  }

  /** Refuses a model that is too weak, unless a test can judge or the user insists. */
  async #requireAble(
    { kind, force = false }: EditParams,
    { model, trials }: { readonly model: Pick<Model, 'info'>; readonly trials: EditTrials },
    signal: AbortSignal,
  ): Promise<void> {
    if (force || !measuredKinds.has(kind)) return;
    const { identity, local } = model.info;
    try {
      requireAbleToEdit(
        { ...identity, weightCount: local?.weightCount ?? null },
        this.#dependencies.measured,
      );
    } catch (thrown) {
      await rethrowUnlessJudged(thrown, () => trials.runOfUnchanged(signal));
    }
  }

  /** One program is not tried: it waits for the user as it is. */
  #trialsOf(asked: AskedEdit): EditTrials {
    if (asked.strategy === 'direct')
      return new EditTrials(asked, { verifierFor: () => null, codeParser: null });
    const { settings, workspacePath, isolation, clock, codeParser } = this.#dependencies;
    const folder = workspacePath() === null ? null : asked.document.workspaceFolder;
    return new EditTrials(asked, {
      verifierFor: (place) => verifierOf(settings(), { workspacePath: folder, isolation, clock, place }),
      codeParser,
    });
  }

  async #editsOf(
    asked: AskedEdit,
    answer: string,
  ): Promise<Pick<EditResult, 'edits' | 'noEdit' | 'syntaxError'>> {
    const edited = editsOfAnswer(asked, answer);
    const { languageId, text } = asked.document;
    const change = { languageId, before: text, after: withEdits(text, edited.edits) };
    return { ...edited, syntaxError: await addedSyntaxError(this.#dependencies.codeParser, change) };
  }

  /** Within what the day has left, of which a part is kept for it until it is released. */
  #requestOf(
    { kind, prompt, title, strategy }: AskedEdit,
    { candidates, seed, budget, temperature, attachments }: EditParams,
    { requestId, mostCandidates }: { readonly requestId: string; readonly mostCandidates: number },
  ): Promise<DayPart<AskRequest>> {
    // Tests are about as long as the code that they are of, which is attached; all else as the lines that it replaces.
    const given = kind === 'tests' ? [prompt.attachment, ...attachments] : [prompt.attachment];
    const answerTokensPerCandidate = editAnswerTokens(longest(given.map(({ text }) => text)));
    const settings = this.#dependencies.settings();
    const params: AskParams = {
      question: prompt.question,
      attachments: [prompt.attachment],
      strategy,
      candidates: Math.min(candidates ?? settings.candidates, mostCandidates),
      budget: { answerTokensPerCandidate, ...budget },
      ...present({ temperature: temperature ?? (strategy === 'direct' ? 0 : undefined), seed }),
    };
    const options = sequenceOptionsFor('background', 'edit', seed);
    return this.#dependencies.daily.keepFor((tokensLeftToday) => ({
      ...askRequestOf(params, settings, {
        requestId,
        seed: seed ?? this.#dependencies.drawSeed(),
        tokensLeftToday,
      }),
      kind: 'edit',
      title,
      written: 'lines',
      ...present({ isEnough: kind === 'tests' ? hasEnoughTests : undefined }),
      // Lines that the context dropped would be missing in what is written.
      sequenceOptions: { ...options, shiftsContext: false },
    }));
  }
}

function longest(texts: readonly string[]): string {
  return texts.reduce((longer, text) => (text.length > longer.length ? text : longer), '');
}

async function tokenCount(model: Pick<Model, 'tokenize'>, text: string): Promise<number> {
  return (await model.tokenize(text, { special: false })).length;
}
