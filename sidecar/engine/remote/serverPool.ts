import { CodedError, toCodedError } from '../../../protocol/codedError.ts';
import { commonPrefixLength } from '../../numeric/commonPrefixLength.ts';
import type { ChatMessage, ChatOptions, ModelInfo, TokenId, TokenizeOptions } from '../engine.ts';
import { RequiredStart } from '../requiredStart.ts';
import { isServerAway } from './serverFailure.ts';
import type { TextServer, WriteEnd, WriteRequest, WrittenToken } from './textServer.ts';

/** How long a server that failed is left alone, doubled with each failure in a row. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

export interface PoolSurroundings {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

interface Member {
  readonly server: TextServer;
  /** Tokens of the requests that it works on. */
  outstanding: number;
  /** In a row. */
  failureCount: number;
  /** Left alone until then, unless all are. */
  restedAtMs: number;
  /** Tokens of the last request: what it need not read again. */
  lastTokens: readonly TokenId[];
}

/**
 * Several servers with the same model as one. A request goes to the one with the fewest tokens outstanding, of which those count
 * less that it has read before. Where it fails, another goes on after the last token that came: nothing is written or counted
 * twice. The first server describes the model and cuts texts.
 */
export class ServerPool implements TextServer {
  readonly #members: readonly Member[];
  readonly #first: TextServer;
  readonly #surroundings: PoolSurroundings;
  readonly info: ModelInfo;

  constructor(first: TextServer, others: readonly TextServer[], surroundings: PoolSurroundings) {
    this.#first = first;
    this.#surroundings = surroundings;
    this.#members = [first, ...others].map((server) => ({
      server,
      outstanding: 0,
      failureCount: 0,
      restedAtMs: 0,
      lastTokens: [],
    }));
    const backend = this.#members.map((member) => member.server.info.backend).join(' and ');
    const hosts = this.#members.map((member) => member.server.info.identity.server ?? '');
    const identity = { ...first.info.identity, server: hosts.join(' and ') };
    this.info = { ...first.info, identity, backend };
  }

  tokenize(text: string, options: TokenizeOptions): Promise<readonly TokenId[]> {
    return this.#onAny((server) => server.tokenize(text, options));
  }

  detokenize(tokens: readonly TokenId[]): Promise<string> {
    return this.#onAny((server) => server.detokenize(tokens));
  }

  renderChat(messages: readonly ChatMessage[], options: ChatOptions, signal: AbortSignal): Promise<string> {
    return this.#onAny((server) => server.renderChat(messages, options, signal));
  }

  requireSameModel(signal: AbortSignal): Promise<void> {
    return this.#onAny((server) => server.requireSameModel(signal));
  }

  async *write(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WrittenToken, WriteEnd, void> {
    const written: TokenId[] = [];
    const start = new RequiredStart(request.mustBeginWith ?? '');
    const failed = new Map<Member, CodedError>();
    let why: string | null = null;
    let left = request.maxTokens;
    for (;;) {
      const all = [...tokens, ...written];
      const member = this.#chosenFor(all, failed);
      request.onServer?.({ server: member.server.info.backend, why });
      const rest = { ...request, maxTokens: left, mustBeginWith: start.restText() };
      const load = all.length + left;
      member.outstanding += load;
      const writing = member.server.write(all, rest, signal);
      try {
        for (;;) {
          const next = await writing.next();
          if (next.done === true) {
            member.failureCount = 0;
            return next.value;
          }
          member.lastTokens = all;
          written.push(...next.value.ids);
          if (!start.isWritten) start.write(new TextEncoder().encode(next.value.step.text));
          left -= 1;
          yield next.value;
        }
      } catch (thrown) {
        why = this.#passOn(member, thrown, { signal, failed }).message;
        // Neither a constraint that is half kept to nor a server of conversations has a beginning to go on from.
        const goesOn = this.info.capabilities.continues && (request.grammar ?? request.choices) === undefined;
        if (written.length > 0 && !goesOn) throw thrown;
        if (left <= 0) return { type: 'maxTokens' };
      } finally {
        member.outstanding -= load;
        // How a request ends that is not read any further concerns nobody.
        await writing.return({ type: 'maxTokens' }).catch(() => undefined);
      }
    }
  }

  /** The first answer of a server, in the order of the servers that are not left alone. */
  async #onAny<T>(ask: (server: TextServer) => Promise<T>): Promise<T> {
    const failed = new Map<Member, CodedError>();
    for (;;) {
      const member = this.#inOrder(failed)[0];
      if (member === undefined) return ask(this.#first);
      try {
        return await ask(member.server);
      } catch (thrown) {
        this.#passOn(member, thrown, { signal: null, failed });
      }
    }
  }

  /** Leaves a server alone for a while that failed, and returns its error. Throws where no other is to be asked. */
  #passOn(
    member: Member,
    thrown: unknown,
    { signal, failed }: { readonly signal: AbortSignal | null; readonly failed: Map<Member, CodedError> },
  ): CodedError {
    const error = toCodedError(thrown);
    if (signal?.aborted === true || !isServerAway(error.code)) throw thrown;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** member.failureCount);
    member.failureCount += 1;
    member.restedAtMs = this.#surroundings.now() + pauseMs;
    this.#surroundings.log(`${error.message} It is left alone for ${pauseMs / 1000} s.`);
    failed.set(member, error);
    if (failed.size === this.#members.length) throw allFailed([...failed.values()], error);
    return error;
  }

  #chosenFor(tokens: readonly TokenId[], failed: ReadonlyMap<Member, CodedError>): Member {
    const [first, ...others] = this.#inOrder(failed);
    if (first === undefined) throw new Error('A request is passed on only where a server is left.');
    const toRead = ({ outstanding, lastTokens }: Member): number =>
      outstanding + tokens.length - commonPrefixLength(lastTokens, tokens);
    return others.reduce((best, each) => (toRead(each) < toRead(best) ? each : best), first);
  }

  /** Those that may be asked; where all are left alone, all. */
  #inOrder(failed: ReadonlyMap<Member, CodedError>): readonly Member[] {
    const untried = this.#members.filter((member) => !failed.has(member));
    const rested = untried.filter(({ restedAtMs }) => restedAtMs <= this.#surroundings.now());
    return rested.length > 0 ? rested : untried;
  }
}

/** What the last server said, after what the others did. */
function allFailed(errors: readonly CodedError[], last: CodedError): CodedError {
  const message = errors.map((error) => error.message).join(' ');
  return new CodedError(last.code, message, last.remedy, { cause: last });
}
