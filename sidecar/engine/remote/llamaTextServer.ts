import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { ChatMessage, ChatOptions, ModelInfo, TokenId, TokenizeOptions } from '../engine.ts';
import { RequiredStart } from '../requiredStart.ts';
import { readAnswer } from './answerFields.ts';
import { boundedStep } from './boundedStep.ts';
import { gapBefore, readCompletionEvent } from './llamaCompletion.ts';
import { constraintOf, preservedTokens, samplingOf } from './llamaSampling.ts';
import { RecentAnswers } from './recentAnswers.ts';
import type { ServerConnection } from './serverConnection.ts';
import { requireSameModel, type ServerDescription, servedName } from './serverDescription.ts';
import { closedEarly } from './serverFailure.ts';
import { askAboutText, type LlamaTokenizer, tokensOf } from './serverTokens.ts';
import {
  leastAlternatives,
  type TextServer,
  type WriteEnd,
  type WriteRequest,
  type WrittenToken,
} from './textServer.ts';

const neverAborted = new AbortController().signal;

/** Room for the prompts of several strategies. */
const keptAnswers = { most: 64, longest: 4096 } as const;

type TokenEvent = Extract<ReturnType<typeof readCompletionEvent>, { readonly type: 'token' }>;

/** A llama-server, in its own protocol: prompts are token ids, any prefix can be continued, grammars are kept to. */
export class LlamaTextServer implements TextServer {
  readonly info: ModelInfo;
  readonly checksModel = false;
  readonly #connection: ServerConnection;
  readonly #description: ServerDescription;
  readonly #beginToken: TokenId | null;
  /** End a text, though the server may not know it. */
  readonly #furtherEnds: ReadonlySet<TokenId>;
  /** Parts of prompts that come again: the template's and the instruction before a question. */
  readonly #tokens = new RecentAnswers<readonly TokenId[]>(keptAnswers);
  readonly #prompts = new RecentAnswers<string>(keptAnswers);

  /** `beginToken` is put before every prompt that lacks it. A text ends at `furtherEnds` beside what ends it for the server. */
  constructor(
    connection: ServerConnection,
    description: ServerDescription,
    {
      info,
      beginToken,
      furtherEnds,
    }: {
      readonly info: ModelInfo;
      readonly beginToken: TokenId | null;
      readonly furtherEnds: readonly TokenId[];
    },
  ) {
    this.#connection = connection;
    this.#description = description;
    this.#beginToken = beginToken;
    this.#furtherEnds = new Set(furtherEnds);
    this.info = info;
  }

  tokenize(
    text: string,
    { special }: TokenizeOptions,
    signal: AbortSignal = neverAborted,
  ): Promise<readonly TokenId[]> {
    return this.#tokens.answer(`${special ? 'special' : 'plain'} ${text}`, () =>
      tokensOf(this.#server, { text, special }, signal),
    );
  }

  async detokenize(tokens: readonly TokenId[], signal: AbortSignal = neverAborted): Promise<string> {
    if (tokens.length === 0) return '';
    const answer = await askAboutText(this.#server, { path: '/detokenize', body: { tokens } }, signal);
    return readAnswer(this.#connection.address, answer, (fields) => fields.string('content'));
  }

  async renderChat(
    messages: readonly ChatMessage[],
    { variables = {} }: ChatOptions,
    signal: AbortSignal,
  ): Promise<string> {
    if (!this.info.hasChatTemplate) {
      throw new CodedError(
        'model.unsupported',
        `${this.info.identity.name} has no chat template, so it cannot be asked.`,
        'Ask a server whose model was trained for chat.',
      );
    }
    const body = {
      messages: messages.map(({ role, content, thought }) => ({
        role,
        content,
        ...(thought !== undefined && { reasoning_content: thought }),
      })),
      chat_template_kwargs: variables,
    };
    const render = async (): Promise<string> => {
      const answer = await askAboutText(this.#server, { path: '/apply-template', body }, signal);
      return readAnswer(this.#connection.address, answer, (fields) => fields.string('prompt'));
    };
    return this.#knowsDate ? render() : this.#prompts.answer(JSON.stringify(body), render);
  }

  async requireSameModel(signal: AbortSignal): Promise<void> {
    // A router starts what a request names; to ask it might have it load a model, and take as long.
    if (this.#description.isRouted) return;
    const found = await servedName(this.#connection, signal);
    requireSameModel(this.#connection.address, this.#description.modelName, found);
  }

  async *write(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WrittenToken, WriteEnd, void> {
    const { address } = this.#connection;
    const required = new RequiredStart(request.mustBeginWith ?? '');
    let before = 0;
    // The token that ends an answer has no text, and only the event after it says what it was.
    let waiting: TokenEvent | null = null;
    let end: WriteEnd | null = null;
    for await (const value of this.#events(tokens, request, signal)) {
      if (end !== null) continue;
      const event = readCompletionEvent(address, value);
      const gap = gapBefore(address, event, before);
      if (gap === 'repeated') continue;
      const isEndToken = event.type === 'end' && event.reason === 'endToken';
      if (waiting !== null && !isEndToken) yield this.#written(waiting, [waiting.id], { request, required });
      if (event.type === 'end') {
        requireSameModel(address, this.#description.modelName, event.modelName);
        end = isEndToken
          ? { type: 'endToken', id: waiting?.id ?? this.#endToken }
          : { type: event.isContextFull ? 'contextFull' : 'maxTokens' };
        continue;
      }
      // What the server would write after it is not read.
      if (this.#furtherEnds.has(event.id)) return { type: 'endToken', id: event.id };
      waiting = event.text === '' ? event : null;
      const keptCount = event.number - before - 1;
      before = event.number;
      if (waiting !== null) continue;
      if (gap === 'none') yield this.#written(event, [event.id], { request, required });
      else yield* this.#withHeldBack(event, keptCount, { request, required, signal });
    }
    if (end === null) throw closedEarly(address);
    return end;
  }

  async *#events(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void, void> {
    try {
      const body = this.#body(tokens, request);
      yield* this.#connection.stream({ path: '/completion', body, isLast: isEnd }, signal);
    } catch (thrown) {
      const isRefused = thrown instanceof CodedError && thrown.code === 'server.rejected';
      if (!isRefused || request.grammar === undefined) throw thrown;
      throw new CodedError('grammar.invalid', thrown.message, 'Correct the grammar.', { cause: thrown });
    }
  }

  get #server(): LlamaTokenizer {
    return { connection: this.#connection, description: this.#description };
  }

  /** A template that writes the date gives another text tomorrow. */
  get #knowsDate(): boolean {
    return this.#description.chatTemplate?.includes('strftime_now') === true;
  }

  get #endToken(): TokenId {
    return this.info.endTokens[0] ?? -1;
  }

  /**
   * A character of several tokens, of which the server has named the last: the others are found by tokenizing it. They are
   * counted as steps without text, of which nothing is known. Throws `server.closedEarly` where that one token is the whole
   * character, so that the missing ones were not kept but lost.
   */
  async *#withHeldBack(
    event: TokenEvent,
    keptCount: number,
    state: {
      readonly request: WriteRequest;
      readonly required: RequiredStart;
      readonly signal: AbortSignal;
    },
  ): AsyncGenerator<WrittenToken, void, void> {
    const found = await tokensOf(this.#server, { text: event.text, special: false }, state.signal);
    if (found.length === 1 && found[0] === event.id) throw closedEarly(this.#connection.address);
    // Where it was written by other tokens than one would write it with, the text is the same all the same.
    const ids = found.at(-1) === event.id ? found : [...found.slice(0, -1), event.id];
    const exact = ids.length === keptCount + 1 ? ids : found;
    for (let at = 0; at < keptCount; at++) {
      const id = exact[at] ?? event.id;
      yield this.#written({ ...event, id, text: '', logprob: null, top: [] }, [], state);
    }
    yield this.#written(event, exact, state);
  }

  #written(
    { id, text, logprob, top }: TokenEvent,
    ids: readonly TokenId[],
    { request, required }: { readonly request: WriteRequest; readonly required: RequiredStart },
  ): WrittenToken {
    const source = required.isWritten ? 'model' : 'required';
    if (!required.isWritten) required.write(new TextEncoder().encode(text));
    const { vocabularySize } = this.#description;
    const given = { vocabularySize, alternatives: request.alternatives, source } as const;
    return { step: boundedStep({ id, text, logprob, top }, given), ids };
  }

  #begun(tokens: readonly TokenId[]): readonly TokenId[] {
    const isMissing = this.#beginToken !== null && tokens[0] !== this.#beginToken;
    return isMissing ? [this.#beginToken, ...tokens] : tokens;
  }

  #body(tokens: readonly TokenId[], request: WriteRequest): object {
    const { alternatives } = this.info.capabilities;
    return {
      model: this.#description.modelName,
      prompt: this.#begun(tokens),
      n_predict: request.maxTokens,
      stream: true,
      return_tokens: true,
      // What was read before is not read again; the digits of a logit may then depend on what that was.
      cache_prompt: !request.isReproducible,
      n_probs: Math.min(alternatives, Math.max(request.alternatives, leastAlternatives)),
      post_sampling_probs: false,
      preserved_tokens: preservedTokens(this.info.capabilities.thinking),
      ...samplingOf(request),
      ...constraintOf(request),
    };
  }
}

function isEnd(value: unknown): boolean {
  return isRecord(value) && value.stop === true;
}
