import { CodedError, toCodedError } from '../../../protocol/codedError.ts';
import { commonPrefixLength } from '../../numeric/commonPrefixLength.ts';
import { cancelled } from '../cancelled.ts';
import type { ChatMessage, ChatOptions, ModelInfo, TokenId, TokenizeOptions } from '../engine.ts';
import { RequiredStart } from '../requiredStart.ts';
import { commonInfo, joiningFailure } from './commonInfo.ts';
import { allFailed, type OpenedServers, type ServerPlace } from './openingServers.ts';
import { isServerAway } from './serverFailure.ts';
import type { TextServer, WriteEnd, WriteRequest, WrittenToken } from './textServer.ts';

/** How long a server that failed is left alone, doubled with each failure in a row. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A server that is started anew with another model takes longer than that. */
const askedAgainMs = 1000;

export interface PoolSurroundings {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** How often a server failed in a row, and until when it is left alone. */
interface Rest {
  failureCount: number;
  restedAtMs: number;
}

interface Member extends Rest {
  readonly server: TextServer;
  /** Tokens of the requests that it works on. */
  outstanding: number;
  /** Tokens of the last request: what it need not read again. */
  lastTokens: readonly TokenId[];
  /** When it last said, for a text to be cut, that its model is the same. */
  askedAtMs: number;
}

/** A server that was away when the model was opened. */
interface Absent extends Rest {
  readonly place: ServerPlace;
  isOpening: boolean;
}

/**
 * Several servers with the same model as one, which can do what all of them can. A request goes to the one with the fewest tokens
 * outstanding, of which those count less that it has read before. Where it fails, or has been given another model, another
 * goes on after the last token that came: nothing is written or counted twice. One that is away is looked at with the requests,
 * and joins once it is there with the same model.
 */
export class ServerPool implements TextServer {
  readonly checksModel = true;
  readonly #members: Member[];
  readonly #absent: Set<Absent>;
  readonly #surroundings: PoolSurroundings;
  readonly #closing: AbortSignal;
  #info: ModelInfo;

  /** `closing` ends the looks at servers that are away. */
  constructor({ there, missing }: OpenedServers, surroundings: PoolSurroundings, closing: AbortSignal) {
    const [first, ...others] = there;
    this.#surroundings = surroundings;
    this.#closing = closing;
    this.#members = there.map((server) => newMember(server, surroundings.now()));
    this.#info = commonInfo(
      first.info,
      others.map(({ info }) => info),
    );
    this.#absent = new Set();
    for (const { place, opening } of missing) {
      const absent = { place, failureCount: 0, restedAtMs: 0, isOpening: true };
      this.#absent.add(absent);
      void this.#await(absent, opening);
    }
  }

  get info(): ModelInfo {
    return this.#info;
  }

  tokenize(text: string, options: TokenizeOptions, signal?: AbortSignal): Promise<readonly TokenId[]> {
    return this.#onAny((server) => server.tokenize(text, options, signal));
  }

  detokenize(tokens: readonly TokenId[], signal?: AbortSignal): Promise<string> {
    return this.#onAny((server) => server.detokenize(tokens, signal));
  }

  renderChat(messages: readonly ChatMessage[], options: ChatOptions, signal: AbortSignal): Promise<string> {
    return this.#onAny((server) => server.renderChat(messages, options, signal));
  }

  /** Resolves as soon as one of them has it; those that have not are left alone. The one that writes is asked by `write`. */
  async requireSameModel(signal: AbortSignal): Promise<void> {
    this.#lookAtAbsent();
    const failures: CodedError[] = [];
    const asked = this.#inOrder(new Map()).map(async (member) => {
      try {
        await member.server.requireSameModel(signal);
      } catch (thrown) {
        const error = toCodedError(thrown);
        failures.push(error);
        if (!signal.aborted) this.#leaveAlone(member, error);
        throw error;
      }
    });
    await Promise.any(asked).catch(() => {
      throw signal.aborted ? cancelled() : allFailed(failures);
    });
  }

  async *write(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WrittenToken, WriteEnd, void> {
    this.#lookAtAbsent();
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
      const checked = member.server.requireSameModel(signal);
      const unfit = new AbortController();
      // One that has the model no longer, or says nothing to so short a question, is not waited for.
      checked.catch(() => {
        unfit.abort();
      });
      let isChecked = false;
      let hasFailed = false;
      const writing = member.server.write(all, rest, AbortSignal.any([signal, unfit.signal]));
      try {
        for (;;) {
          const next = await writing.next();
          if (!isChecked) await checked;
          isChecked = true;
          if (next.done === true) return next.value;
          member.lastTokens = all;
          written.push(...next.value.ids);
          if (!start.isWritten) start.write(new TextEncoder().encode(next.value.step.text));
          left -= 1;
          yield next.value;
        }
      } catch (thrown) {
        hasFailed = true;
        const cause = await causeOf(thrown, { checked, isUnfit: unfit.signal.aborted });
        // This text cannot go on from what another model has written.
        const isOther = isChecked && toCodedError(cause).code === 'server.otherModel';
        if (signal.aborted || isOther) throw cause;
        why = this.#passOn(member, cause, failed).message;
        // Neither a constraint that is half kept to nor a server of conversations has a beginning to go on from.
        const goesOn = this.info.capabilities.continues && (request.grammar ?? request.choices) === undefined;
        if (written.length > 0 && !goesOn) throw thrown;
        if (left <= 0) return { type: 'maxTokens' };
      } finally {
        member.outstanding -= load;
        // Also where its reader has had enough.
        if (isChecked && !hasFailed) member.failureCount = 0;
        // How a request ends that is not read any further concerns nobody.
        await writing.return({ type: 'maxTokens' }).catch(() => undefined);
      }
    }
  }

  /** The first answer of a server, in the order of the servers that are not left alone. */
  async #onAny<T>(ask: (server: TextServer) => Promise<T>): Promise<T> {
    this.#lookAtAbsent();
    const failed = new Map<Member, CodedError>();
    for (;;) {
      const [member] = this.#inOrder(failed);
      try {
        const [answer] = await Promise.all([ask(member.server), this.#requireSame(member)]);
        return answer;
      } catch (thrown) {
        this.#passOn(member, thrown, failed);
      }
    }
  }

  /** Texts are cut by the model that is to read them. One that was asked just now is not asked again. */
  async #requireSame(member: Member): Promise<void> {
    const nowMs = this.#surroundings.now();
    if (this.info.capabilities.tokens === 'text' || nowMs - member.askedAtMs < askedAgainMs) return;
    await member.server.requireSameModel(this.#closing);
    member.askedAtMs = nowMs;
  }

  /** Leaves a server alone for a while that failed, and returns its error. Throws where no other is to be asked. */
  #passOn(member: Member, thrown: unknown, failed: Map<Member, CodedError>): CodedError {
    const error = toCodedError(thrown);
    if (!isServerAway(error.code) && error.code !== 'server.otherModel') throw thrown;
    this.#leaveAlone(member, error);
    failed.set(member, error);
    if (this.#members.every((each) => failed.has(each))) throw allFailed([...failed.values()]);
    return error;
  }

  #leaveAlone(rest: Rest, { message }: CodedError): void {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** rest.failureCount);
    rest.failureCount += 1;
    rest.restedAtMs = this.#surroundings.now() + pauseMs;
    this.#surroundings.log(`${message} It is left alone for ${pauseMs / 1000} s.`);
  }

  #chosenFor(tokens: readonly TokenId[], failed: ReadonlyMap<Member, CodedError>): Member {
    const toRead = ({ outstanding, lastTokens }: Member): number =>
      outstanding + tokens.length - commonPrefixLength(lastTokens, tokens);
    return this.#inOrder(failed).reduce((best, each) => (toRead(each) < toRead(best) ? each : best));
  }

  /** Those that may be asked; where all are left alone, all. */
  #inOrder(failed: ReadonlyMap<Member, CodedError>): readonly [Member, ...Member[]] {
    const untried = this.#members.filter((member) => !failed.has(member));
    const rested = untried.filter(({ restedAtMs }) => restedAtMs <= this.#surroundings.now());
    const [first, ...others] = rested.length > 0 ? rested : untried;
    if (first === undefined) throw new Error('A request is passed on only where a server is left.');
    return [first, ...others];
  }

  /** Opens those again whose pause is over. No request waits for that. */
  #lookAtAbsent(): void {
    if (this.#closing.aborted) return;
    for (const absent of this.#absent) {
      if (absent.isOpening || absent.restedAtMs > this.#surroundings.now()) continue;
      absent.isOpening = true;
      void this.#await(absent, absent.place.open());
    }
  }

  /** Has a server join that was away, once it is open. Never rejects. */
  async #await(absent: Absent, opening: Promise<TextServer>): Promise<void> {
    const { address } = absent.place;
    try {
      const server = await opening;
      const failure = joiningFailure(address, server.info, this.#info);
      if (failure !== null) throw failure;
      this.#absent.delete(absent);
      this.#members.push(newMember(server, this.#surroundings.now()));
      const { identity, backend } = commonInfo(this.#info, [server.info]);
      this.#info = { ...this.#info, identity, backend };
      this.#surroundings.log(`${address} is there and shares the requests from now on.`);
    } catch (thrown) {
      absent.isOpening = false;
      if (!this.#closing.aborted) this.#leaveAlone(absent, toCodedError(thrown));
    }
  }
}

/** One that was opened just now. */
function newMember(server: TextServer, nowMs: number): Member {
  return { server, outstanding: 0, failureCount: 0, restedAtMs: 0, lastTokens: [], askedAtMs: nowMs };
}

/** A request that is not accepted was made for the model that was there; one that was ended here says why the check did. */
async function causeOf(
  thrown: unknown,
  { checked, isUnfit }: { readonly checked: Promise<void>; readonly isUnfit: boolean },
): Promise<unknown> {
  const isRejected = thrown instanceof CodedError && thrown.code === 'server.rejected';
  if (!isRejected && !isUnfit) return thrown;
  return checked.then(
    () => thrown,
    (other: unknown) => other,
  );
}
