import type { Model, Prefill, Sequence, TokenId } from '../engine/engine.ts';
import { commonPrefixLength } from '../numeric/commonPrefixLength.ts';
import type { InfillBudget } from '../prompts/infillPrompt.ts';
import { readingBoxMs, readingBudget } from './readingBudget.ts';
import { ReadingSpeed } from './readingSpeed.ts';

/** Prompts that are remembered as read: of a few places, with what the engine keeps of each. */
const rememberedPrompts = 6;
/** A read that goes on is as good as a new one that begins with all but so many tokens of it. */
const sameRead = 64;
/** Tokens that are read at once while idle: a request that comes meanwhile waits for a part of one such call at most. */
const idleTokens = 64;

/** The prompt for a request, and the whole one where that takes too long to be read now. */
export interface ChosenPrompt {
  readonly prompt: readonly TokenId[];
  /** Null where `prompt` is it. */
  readonly whole: readonly TokenId[] | null;
}

export interface PromptReadingDependencies {
  /** Milliseconds that the first prompt at a new place may take; null to read every prompt whole. */
  readonly boxMs?: number | null;
  /** Milliseconds that a model was measured to take for a token of a prompt; null, as when it is absent, where it was not. */
  readonly measuredMsPerToken?: (model: Model) => number | null;
  /** Called with what a read while idle has taken of a model: prompt tokens that were not in the cache. */
  readonly onIdleRead: (model: Model, tokens: number) => void;
}

/** What is known of a model's prompts. */
interface ModelReading {
  readonly speed: ReadingSpeed;
  /** Those that were read, the newest last. */
  readonly known: (readonly TokenId[])[];
  /** Windows of the last short prompt: kept while one types, so that it stays in the cache. */
  shortBudget: InfillBudget | null;
  idle: IdleRead | null;
}

interface IdleRead {
  readonly tokens: readonly TokenId[];
  readonly abort: AbortController;
}

/**
 * Reads prompts in time: where little of one is in the cache, as after a jump, a short one about the nearest text is asked
 * with first, as long as this machine reads in `readingBoxMs`. The whole one is read into the cache while nothing else
 * is asked for, and the next key goes on from it.
 */
export class PromptReading {
  readonly #dependencies: PromptReadingDependencies;
  readonly #readings = new WeakMap<Model, ModelReading>();
  #requests = 0;
  #idleReads = 0;
  /** Called when no request is under way any more. */
  readonly #whenQuiet: (() => void)[] = [];

  constructor(dependencies: PromptReadingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether a prompt is being read that nobody has asked for. */
  get isReadingIdle(): boolean {
    return this.#idleReads > 0;
  }

  /** A request begins: nothing is read while idle until all that began have called what this returns. */
  beginRequest(): () => void {
    this.#requests += 1;
    return () => {
      this.#requests -= 1;
      if (this.#requests > 0) return;
      for (const resume of this.#whenQuiet.splice(0)) resume();
    };
  }

  /**
   * Chooses the prompt of a request. `build` makes one within a budget; `whole` is the budget of the whole one, which alone
   * has parts of other files.
   */
  async choose(
    model: Model,
    whole: InfillBudget,
    build: (budget: InfillBudget, isWhole: boolean) => Promise<readonly TokenId[]>,
  ): Promise<ChosenPrompt> {
    const { boxMs = readingBoxMs } = this.#dependencies;
    if (boxMs === null) return { prompt: await build(whole, true), whole: null };
    const reading = this.#of(model);
    const { shortBudget } = reading;
    // Both at once: a request waits for each message to the engine.
    const [prompt, short] = await Promise.all([
      build(whole, true),
      shortBudget === null ? null : build(shortBudget, false),
    ]);
    endReadElsewhere(reading, prompt);
    const tokens = reading.speed.within(boxMs);
    if (unread(reading, prompt) <= tokens) return { prompt, whole: null };
    // Elsewhere the machine may be read for longer than when that one was measured out.
    const isNear = short !== null && unread(reading, short) <= Math.min(tokens, short.length / 2);
    if (isNear) return shorter(short, prompt);
    reading.shortBudget = readingBudget(tokens, whole);
    return shorter(await build(reading.shortBudget, false), prompt);
  }

  /** Tokens that a model reads at rest within a time; 0 before any was measured. */
  tokensAtRest(model: Model, durationMs: number): number {
    return this.#of(model).speed.withinAtRest(durationMs);
  }

  /** A prompt was read, as the engine says. */
  note(model: Model, prompt: readonly TokenId[], prefill: Prefill): void {
    const reading = this.#of(model);
    reading.speed.note(prefill);
    remember(reading, prompt);
  }

  /** The same of a prompt that nobody had asked for: its tokens are booked. */
  noteAtRest(model: Model, prompt: readonly TokenId[], prefill: Prefill): void {
    this.note(model, prompt, prefill);
    this.#dependencies.onIdleRead(model, prefill.tokenCount - prefill.cachedTokenCount);
  }

  /**
   * Reads a whole prompt while the engine has nothing better to do. Goes on with the read under way where that is nearly the
   * same, and ends it otherwise. Never rejects: a model that was unloaded meanwhile has read nothing.
   */
  async readWhileIdle(model: Model, tokens: readonly TokenId[]): Promise<void> {
    const reading = this.#of(model);
    if (endReadElsewhere(reading, tokens)) return;
    const idle = { tokens, abort: new AbortController() };
    reading.idle = idle;
    this.#idleReads += 1;
    try {
      const { signal } = idle.abort;
      const sequence = await model.openSequence(
        { priority: 'background', requestClass: 'completion' },
        signal,
      );
      try {
        await this.#readOn(model, sequence, idle);
      } finally {
        await sequence.dispose();
      }
    } catch {
      // Ended for another one, or whatever is wrong with the model shows in the next request.
    } finally {
      this.#idleReads -= 1;
      if (reading.idle === idle) reading.idle = null;
    }
  }

  /** Reads in short calls, and none while a request is under way. What is in the cache comes with the first. */
  async #readOn(model: Model, sequence: Sequence, { tokens, abort: { signal } }: IdleRead): Promise<void> {
    let next = tokens.length - unread(this.#of(model), tokens);
    while (sequence.length < tokens.length) {
      if (this.#requests > 0) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
      next = Math.min(tokens.length, next + idleTokens);
      const prefill = await sequence.append(tokens.slice(sequence.length, next), signal);
      this.noteAtRest(model, tokens.slice(0, next), prefill);
    }
  }

  #of(model: Model): ModelReading {
    const known = this.#readings.get(model);
    if (known !== undefined) return known;
    const speed = new ReadingSpeed(this.#dependencies.measuredMsPerToken?.(model) ?? null);
    const fresh = { speed, known: [], shortBudget: null, idle: null };
    this.#readings.set(model, fresh);
    return fresh;
  }
}

/** Ends the read under way unless it is of this prompt, or nearly. Returns whether one goes on. */
function endReadElsewhere({ idle }: ModelReading, prompt: readonly TokenId[]): boolean {
  if (idle === null) return false;
  if (commonPrefixLength(idle.tokens, prompt) >= idle.tokens.length - sameRead) return true;
  idle.abort.abort();
  return false;
}

function shorter(short: readonly TokenId[], whole: readonly TokenId[]): ChosenPrompt {
  return short.length < whole.length ? { prompt: short, whole } : { prompt: whole, whole: null };
}

/** Tokens of a prompt that no prompt before began with. */
function unread({ known }: ModelReading, prompt: readonly TokenId[]): number {
  return prompt.length - known.reduce((most, other) => Math.max(most, commonPrefixLength(prompt, other)), 0);
}

/** Those that it goes on from are in the cache as long as it is. */
function remember({ known }: ModelReading, prompt: readonly TokenId[]): void {
  const others = known.filter((other) => commonPrefixLength(other, prompt) < other.length);
  known.splice(0, Infinity, ...others.slice(1 - rememberedPrompts), prompt);
}
