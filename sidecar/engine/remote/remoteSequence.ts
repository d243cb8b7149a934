import { CodedError } from '../../../protocol/codedError.ts';
import { cancelled } from '../cancelled.ts';
import type {
  GenerateEnd,
  GenerateRequest,
  GenerateResult,
  Prefill,
  Sequence,
  SequenceOptions,
  ServerTurn,
  TokenId,
  TokenStep,
} from '../engine.ts';
import { StopRules } from '../stopRules.ts';
import type { TextServer } from './textServer.ts';

/** What a sequence on a server shares with its forks. */
export interface RemoteBranch {
  readonly server: TextServer;
  readonly options: SequenceOptions;
  /** Live sequences of the model. */
  readonly live: Set<RemoteSequence>;
  /** Resolves when the server has said that its model is still the same, or checks that itself; rejects where it is not. */
  readonly checked: Promise<void>;
}

/**
 * A sequence whose text is here and whose cells are a server's: every generation sends all tokens, of which the server reads
 * those again that it no longer has. So a fork costs nothing until it generates.
 */
export class RemoteSequence implements Sequence {
  readonly #branch: RemoteBranch;
  readonly #tokens: TokenId[];
  readonly #onDispose: () => void;
  #isBusy = false;
  /** Ends what runs when the sequence is disposed. */
  readonly #disposal = new AbortController();

  /** `onDispose` runs once, when it is disposed. */
  constructor(branch: RemoteBranch, tokens: readonly TokenId[], onDispose: () => void) {
    this.#branch = branch;
    this.#tokens = [...tokens];
    this.#onDispose = onDispose;
    branch.live.add(this);
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** Takes the tokens; they are sent with the next generation, which is when the server reads them. */
  append(tokens: readonly TokenId[], signal: AbortSignal): Promise<Prefill> {
    return this.#exclusively(() => {
      if (signal.aborted) throw cancelled();
      const { contextTokens } = this.#branch.server.info;
      const length = this.length + tokens.length;
      if (length >= contextTokens) {
        throw new CodedError(
          'context.exceeded',
          `The prompt has ${length} tokens and the server's context holds ${contextTokens}, one of them kept for the answer.`,
          'Shorten the question or attach less code.',
        );
      }
      this.#tokens.push(...tokens);
      return { tokenCount: tokens.length, cachedTokenCount: 0, durationMs: 0 };
    });
  }

  fork(count: number, signal: AbortSignal): Promise<readonly Sequence[]> {
    return this.#exclusively(() => {
      if (signal.aborted) throw cancelled();
      return Array.from(
        { length: count },
        () => new RemoteSequence(this.#branch, this.#tokens, () => undefined),
      );
    });
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], GenerateResult, void> {
    this.#begin();
    const serverTurns: ServerTurn[] = [];
    try {
      const ended = AbortSignal.any([signal, this.#disposal.signal]);
      const end = yield* this.#write(request, serverTurns, ended);
      const { mustBeginWith = '' } = request;
      const isLost = mustBeginWith !== '' && this.#branch.server.info.capabilities.constraint !== 'grammar';
      return {
        end,
        droppedTokenCount: 0,
        drafts: [],
        ...(isLost && { unwrittenStart: mustBeginWith }),
        ...(serverTurns.length > 0 && { serverTurns }),
      };
    } finally {
      this.#isBusy = false;
    }
  }

  /** A server gives none. */
  lastHiddenState(): Promise<Float32Array | null> {
    return Promise.resolve(null);
  }

  truncate(length: number): Promise<void> {
    return this.#exclusively(() => {
      this.#tokens.length = Math.min(length, this.#tokens.length);
    });
  }

  dispose(): Promise<void> {
    if (!this.#disposal.signal.aborted) {
      this.#disposal.abort();
      this.#branch.live.delete(this);
      this.#onDispose();
    }
    return Promise.resolve();
  }

  /** Adds to `serverTurns` as servers take over. */
  async *#write(
    request: GenerateRequest,
    serverTurns: ServerTurn[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], GenerateEnd, void> {
    const { server, options, checked } = this.#branch;
    const room = server.info.contextTokens - this.length;
    if (request.maxTokens <= 0) return { type: 'maxTokens' };
    if (room <= 0) return { type: 'contextFull' };
    const isAborted = (): boolean => signal.aborted;
    if (isAborted()) return { type: 'cancelled' };
    const rules = new StopRules(request);
    const begun = this.length;
    const onServer = (turn: Omit<ServerTurn, 'afterTokens'>): void => {
      serverTurns.push({ ...turn, afterTokens: this.length - begun });
    };
    const asked = { ...request, isReproducible: options.isReproducible === true, onServer };
    const writing = server.write([...this.#tokens], asked, signal);
    let reached: GenerateEnd | null = null;
    let isChecked = false;
    try {
      for (;;) {
        const next = await writing.next();
        if (!isChecked) await checked;
        isChecked = true;
        if (next.done === true) return reached ?? this.#endedWith(next.value);
        // The limit is the server's too: it ends by itself, and its last word is waited for.
        if (reached !== null) continue;
        const { step, ids } = next.value;
        this.#tokens.push(...ids);
        yield [step];
        const end = rules.observe(step.text);
        if (end?.type === 'maxTokens') reached = end;
        else if (end !== null) return end;
      }
    } catch (thrown) {
      if (isAborted()) return { type: 'cancelled' };
      // A request that is not accepted was made for the model that was there.
      if (thrown instanceof CodedError && thrown.code === 'server.rejected') await checked;
      throw thrown;
    } finally {
      // How a request ends that is not read any further concerns nobody.
      await writing.return({ type: 'maxTokens' }).catch(() => undefined);
    }
  }

  #endedWith(end: GenerateEnd): GenerateEnd {
    if (end.type === 'endToken' && end.id >= 0) this.#tokens.push(end.id);
    return end;
  }

  #begin(): void {
    if (this.#disposal.signal.aborted) throw new Error('A disposed sequence was used.');
    if (this.#isBusy) throw new Error('A sequence does one thing at a time.');
    this.#isBusy = true;
  }

  async #exclusively<T>(work: () => T): Promise<T> {
    this.#begin();
    try {
      // A turn of the event loop, as with any engine: what is thrown is a rejection.
      return await Promise.resolve().then(work);
    } finally {
      this.#isBusy = false;
    }
  }
}
