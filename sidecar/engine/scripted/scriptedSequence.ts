import { CodedError } from '../../../protocol/codedError.ts';
import { boundEntropy } from '../boundedEntropy.ts';
import { cancelled } from '../cancelled.ts';
import type {
  DraftCount,
  GenerateEnd,
  GenerateRequest,
  GenerateResult,
  Prefill,
  Sequence,
  TokenId,
  TokenStep,
} from '../engine.ts';
import type { Capabilities } from '../capabilities.ts';
import { endsLine } from '../lineEnd.ts';
import { RequiredStart } from '../requiredStart.ts';
import { StopRules } from '../stopRules.ts';
import type { DecodeRounds } from './decodeRounds.ts';
import { scriptedTokens, type Script, type ScriptedToken, type ScriptSituation } from './script.ts';
import type { ScriptedVocabulary } from './scriptedVocabulary.ts';
import type { StepGate } from './stepGate.ts';
import { TierRules } from './tierRules.ts';

/** What the sequences of one scripted model share. */
export interface SequenceHost {
  readonly script: Script;
  readonly vocabulary: ScriptedVocabulary;
  readonly gate: StepGate | null;
  readonly rounds: DecodeRounds;
  readonly hiddenState: ((promptText: string) => Float32Array) | null;
  readonly drafts: (situation: ScriptSituation) => readonly DraftCount[];
  readonly droppedTokens: (situation: ScriptSituation) => number;
  readonly onPrefill: (tokenCount: number) => void;
  readonly contextTokens: number;
  readonly capabilities: Capabilities;
  readonly endToken: TokenId;
  /** Number of the next sequence. */
  nextNumber: number;
  /** Tokens of disposed sequences: their cells can be reused. */
  readonly retiredPrefixes: (readonly TokenId[])[];
  readonly live: Set<ScriptedSequence>;
}

/** How a generation ended, and the state that its last token was drawn from. */
interface Played {
  readonly end: GenerateEnd;
  readonly lastState: Float32Array | null;
}

export class ScriptedSequence implements Sequence {
  readonly #host: SequenceHost;
  readonly #number: number;
  readonly #tokens: TokenId[];
  readonly #onDispose: () => void;
  readonly #rules: TierRules;
  #calls = 0;
  #isBusy = false;
  #isDisposed = false;

  /** Live at once. `onDispose` runs when it no longer is. */
  constructor(
    host: SequenceHost,
    tokens: readonly TokenId[],
    onDispose: () => void,
    rules = new TierRules(host.capabilities),
  ) {
    this.#rules = rules;
    this.#host = host;
    this.#number = host.nextNumber++;
    this.#tokens = [...tokens];
    this.#onDispose = onDispose;
    host.live.add(this);
  }

  get length(): number {
    return this.#tokens.length;
  }

  get tokens(): readonly TokenId[] {
    return this.#tokens;
  }

  append(tokens: readonly TokenId[], signal: AbortSignal): Promise<Prefill> {
    return this.#exclusively(async () => {
      // A turn of the event loop, as any decode takes: a cancellation in it is seen.
      await Promise.resolve();
      this.#host.onPrefill(tokens.length);
      if (signal.aborted) throw cancelled();
      if (this.length + tokens.length >= this.#host.contextTokens) {
        throw new CodedError(
          'context.exceeded',
          `The prompt has ${this.length + tokens.length} tokens and the context holds ${this.#host.contextTokens}, one of them kept for the answer.`,
          'Shorten the question or attach less code.',
        );
      }
      this.#rules.appended(this.length, tokens.length);
      const cachedTokenCount = this.length === 0 ? this.#cachedTokens(tokens) : 0;
      this.#tokens.push(...tokens);
      return { tokenCount: tokens.length, cachedTokenCount, durationMs: 0 };
    });
  }

  fork(count: number, signal: AbortSignal): Promise<readonly Sequence[]> {
    return this.#exclusively(async () => {
      await Promise.resolve();
      if (signal.aborted) throw cancelled();
      return Array.from(
        { length: count },
        () =>
          new ScriptedSequence(
            this.#host,
            this.#tokens,
            () => undefined,
            new TierRules(this.#host.capabilities, this.#rules.state),
          ),
      );
    });
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], GenerateResult, void> {
    this.#begin();
    try {
      this.#rules.generates(this.length, request);
      const situation = { sequence: this.#number, call: this.#calls++, text: this.#text(), request };
      const { end, lastState } = yield* this.#play(situation, signal);
      const droppedTokenCount = this.#host.droppedTokens(situation);
      this.#tokens.splice(0, droppedTokenCount);
      const drafts = this.#host.drafts(situation);
      return { end, drafts, droppedTokenCount, ...(lastState !== null && { lastState }) };
    } finally {
      this.#isBusy = false;
    }
  }

  lastHiddenState(signal: AbortSignal): Promise<Float32Array | null> {
    return this.#exclusively(async () => {
      await Promise.resolve();
      if (signal.aborted) throw cancelled();
      return this.#host.hiddenState?.(this.#text()) ?? null;
    });
  }

  truncate(length: number): Promise<void> {
    return this.#exclusively(() => {
      this.#tokens.length = Math.min(length, this.#tokens.length);
      this.#rules.truncated(this.length);
      return Promise.resolve();
    });
  }

  dispose(): Promise<void> {
    if (!this.#isDisposed) {
      this.#isDisposed = true;
      this.#host.retiredPrefixes.push([...this.#tokens]);
      this.#host.live.delete(this);
      this.#onDispose();
    }
    return Promise.resolve();
  }

  async *#play(
    situation: ScriptSituation,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], Played, void> {
    const { script, contextTokens, endToken } = this.#host;
    const { request } = situation;
    const rules = new StopRules(request);
    if (request.maxTokens <= 0) return { end: { type: 'maxTokens' }, lastState: null };
    for (const token of beginningAsRequired(scriptedTokens(script(situation)), request)) {
      if (this.length >= contextTokens) return { end: { type: 'contextFull' }, lastState: null };
      if (!(await this.#decode(signal))) return { end: { type: 'cancelled' }, lastState: null };
      const step = this.#stepOf(token, request.alternatives);
      const state = this.#stateFor(request);
      const lineState = state !== null && this.#isAtLineEnd() ? state.slice() : null;
      this.#tokens.push(step.id);
      yield [lineState === null ? step : { ...step, lineState }];
      const end = rules.observe(token.text);
      if (end !== null) return { end, lastState: state };
    }
    if (!(await this.#decode(signal))) return { end: { type: 'cancelled' }, lastState: null };
    const lastState = this.#stateFor(request);
    this.#tokens.push(endToken);
    return { end: { type: 'endToken', id: endToken }, lastState };
  }

  /** The state at the last token, where the request wants states. */
  #stateFor({ hiddenStatesAt }: GenerateRequest): Float32Array | null {
    return hiddenStatesAt === undefined ? null : (this.#host.hiddenState?.(this.#text()) ?? null);
  }

  #isAtLineEnd(): boolean {
    const textAt = (place: number): string =>
      this.#host.vocabulary.textOf(this.#tokens.slice(place).slice(0, 1));
    return this.length > 0 && endsLine(textAt(-1), this.length > 1 ? textAt(-2) : '');
  }

  /** Waits for this sequence's turn in a decode. Returns false when the signal aborted it. */
  async #decode(signal: AbortSignal): Promise<boolean> {
    const { gate, rounds } = this.#host;
    await gate?.pass(signal);
    if (!signal.aborted) await rounds.join(this.#number);
    return !signal.aborted;
  }

  #text(): string {
    return this.#host.vocabulary.textOf(this.#tokens);
  }

  #stepOf(token: ScriptedToken, alternativeCount: number): TokenStep {
    const {
      text,
      entropyNats = 0.2,
      logprob = -0.1,
      varentropy = 0.1,
      margin = 0.8,
      source = 'model',
    } = token;
    const { vocabulary, capabilities } = this.#host;
    const id = vocabulary.idOf(text);
    if (capabilities.alternatives === 0) return { id, text, ...unknownStatistics(vocabulary.size), source };
    const count = Math.min(alternativeCount, capabilities.alternatives);
    const alternatives = (token.alternatives ?? [{ id, text, logprob }]).slice(0, count);
    const upper = capabilities.entropy === 'bounded' ? { entropyUpperNats: entropyNats + boundsGapNats } : {};
    return { id, text, logprob, entropyNats, ...upper, varentropy, margin, alternatives, source };
  }

  /** Tokens of the longest prefix that another sequence, live or retired, holds. */
  #cachedTokens(tokens: readonly TokenId[]): number {
    const others = [...this.#host.live]
      .filter((sequence) => sequence !== this)
      .map((sequence) => sequence.tokens);
    const held = [...others, ...this.#host.retiredPrefixes].map((prefix) => sharedLength(prefix, tokens));
    return Math.max(0, ...held);
  }

  #begin(): void {
    if (this.#isDisposed) throw new Error('A disposed sequence was used.');
    if (this.#isBusy) throw new Error('A sequence does one thing at a time.');
    this.#isBusy = true;
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.#begin();
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

/** What a scripted server's upper bound lies above the entropy of the script, which is the lower one. */
const boundsGapNats = 0.25;

/** A step of an engine without probabilities. */
function unknownStatistics(vocabularySize: number): Omit<TokenStep, 'id' | 'text' | 'source'> {
  const { lowerNats, upperNats } = boundEntropy([], { drawn: null, vocabularySize });
  return {
    logprob: 0,
    entropyNats: lowerNats,
    entropyUpperNats: upperNats,
    varentropy: 0,
    margin: 0,
    alternatives: [],
  };
}

/**
 * The script's tokens, after one with what they leave out of a required start: as in a real engine, the text begins with it
 * whatever the script says.
 */
function beginningAsRequired(
  tokens: readonly ScriptedToken[],
  { mustBeginWith = '' }: GenerateRequest,
): readonly ScriptedToken[] {
  const encoder = new TextEncoder();
  const start = new RequiredStart(mustBeginWith);
  const written: ScriptedToken[] = [];
  for (const token of tokens) {
    const piece = encoder.encode(token.text);
    if (start.isWritten || !start.allows(piece)) break;
    start.write(piece);
    written.push({ ...token, source: 'required' });
  }
  const left: readonly ScriptedToken[] = start.isWritten
    ? []
    : [{ text: start.restText(), source: 'required' }];
  return [...written, ...left, ...tokens.slice(written.length)];
}

function sharedLength(a: readonly TokenId[], b: readonly TokenId[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
