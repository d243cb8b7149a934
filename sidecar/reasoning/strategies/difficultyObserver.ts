import type { StrategyId } from '../../../protocol/strategyTable.ts';
import type { SamplerSettings, SearchEvent, StopReason } from '../../../protocol/traceEvent.ts';
import type { Sequence } from '../../engine/engine.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import { judgedByUser, type Judgement } from '../../request/difficultyEstimator.ts';
import type { EventSink } from '../../request/eventChannel.ts';
import type { DifficultyContext } from '../context/strategy.ts';
import { fixedByUser } from '../difficulty/difficultyPlan.ts';
import { probedPromptStyle } from '../difficulty/probe.ts';

/** What is in force because the user chose the strategy, whatever the difficulty. */
export interface UserChoice {
  readonly strategy: StrategyId;
  /** How the question is put. */
  readonly promptStyle: PromptStyle;
  readonly sampler: SamplerSettings;
}

/**
 * Judges the difficulty of a request whose strategy the user chose, so that every trace has one. It only looks: at the
 * prompt's state where a probe reads it and was fitted to such prompts, else at the first tokens of candidate 0 as they come.
 */
export class DifficultyObserver {
  readonly #difficulty: DifficultyContext;
  readonly #choice: UserChoice;
  #promptState: Float32Array | null = null;
  #wantedTokens = 0;
  #entropies: number[] = [];
  #purpose: 'thought' | 'answer' | null = null;

  constructor(difficulty: DifficultyContext, choice: UserChoice) {
    this.#difficulty = difficulty;
    this.#choice = choice;
  }

  /** Reads the prompt's sequence; call it before anything is generated in it. */
  async readPrompt(sequence: Sequence, signal: AbortSignal): Promise<void> {
    const { estimator, override } = this.#difficulty;
    if (override !== null) return;
    if (estimator.readsPromptState && !this.#isUnlikeProbed)
      this.#promptState = await sequence.lastHiddenState(signal);
    this.#wantedTokens = estimator.probePrefixTokens(this.#promptState);
  }

  /** The search's own events, with the difficulty after the first that leaves nothing to wait for, at its end at the latest. */
  async follow(search: (events: EventSink) => Promise<StopReason>, events: EventSink): Promise<StopReason> {
    const state = { isReported: false };
    const report = async (hasEnded: boolean): Promise<void> => {
      state.isReported = true;
      await events.push(await this.#decided(hasEnded));
    };
    const push = async (event: SearchEvent): Promise<void> => {
      await events.push(event);
      if (state.isReported) return;
      const hasEnded = this.#probePrefixEndsWith(event);
      if (hasEnded !== null) await report(hasEnded);
    };
    const reason = await search({ push });
    if (!state.isReported && reason !== 'cancelled') await report(false);
    return reason;
  }

  /** Whether a probe would meet a prompt of a kind that it was not fitted to. */
  get #isUnlikeProbed(): boolean {
    return this.#difficulty.estimator.readsPromptState && this.#choice.promptStyle !== probedPromptStyle;
  }

  async #judge(hasEnded: boolean): Promise<Judgement> {
    const { estimator, override } = this.#difficulty;
    if (override !== null) return judgedByUser(override);
    const promptState = this.#promptState;
    const judgement = await estimator.estimate({
      probePrefixEntropyNats: this.#entropies,
      hasEnded,
      promptState,
    });
    if (!this.#isUnlikeProbed) return judgement;
    const why = `${judgement.why} The probe was fitted to another prompt than this one, so it was not asked.`;
    return { ...judgement, why };
  }

  /** Null while there is more to see; else whether the model reached its end, or its answer, within the probe prefix. */
  #probePrefixEndsWith(event: SearchEvent): boolean | null {
    if (event.type === 'prefill/finished') return this.#wantedTokens === 0 ? false : null;
    if (event.type !== 'candidate/closed' && event.type !== 'tokens/appended') return null;
    if (event.candidateId !== 0) return null;
    if (event.type === 'candidate/closed') return event.end === 'finished';
    this.#purpose ??= event.purpose;
    if (this.#purpose !== event.purpose) return true;
    this.#entropies = [...this.#entropies, ...event.tokens.entropyNats].slice(0, this.#wantedTokens);
    return this.#entropies.length === this.#wantedTokens ? false : null;
  }

  async #decided(hasEnded: boolean): Promise<SearchEvent> {
    const { override, fixed, fullBudget, offers } = this.#difficulty;
    const { strategy, sampler } = this.#choice;
    return {
      type: 'difficulty/decided',
      ...(await this.#judge(hasEnded)),
      strategy,
      temperature: sampler.temperature,
      budget: fullBudget,
      ...(offers.length > 0 && { offers }),
      fixedByUser: ['strategy', ...fixedByUser(fixed, { strategy, isDifficultyFixed: override !== null })],
    };
  }
}
