import { CodedError } from '../../../protocol/codedError.ts';
import type { ChatMessage, ModelInfo, TokenId, TokenizeOptions } from '../engine.ts';
import { boundedStep } from './boundedStep.ts';
import { ChunkCounts } from './chunkCounts.ts';
import { endsAnswer, type NamedToken, type OpenAiChunk, readOpenAiChunk } from './openAiChunk.ts';
import type { ServerConnection, StreamRequest } from './serverConnection.ts';
import { describeServer, requireSameModel, type ServerDescription } from './serverDescription.ts';
import { closedEarly, unsupportedByServer } from './serverFailure.ts';
import type { Conversation, TextPieces } from './textPieces.ts';
import { ThoughtMarks } from './thoughtMarks.ts';
import {
  leastAlternatives,
  type TextServer,
  type WriteEnd,
  type WriteRequest,
  type WrittenToken,
} from './textServer.ts';

/** Goes on with a text, without a template around it. */
const textPath = '/v1/completions';

/**
 * An OpenAI-compatible server. Tokens are texts: its own are those that it names with their probabilities, all others are cut
 * here. One for conversations answers a conversation that ends with the user's turn and nothing else; vLLM's completions go on
 * with any text, in which marks of its template are read as such.
 */
export class OpenAiTextServer implements TextServer {
  readonly info: ModelInfo;
  readonly checksModel = false;
  readonly #connection: ServerConnection;
  readonly #description: ServerDescription;
  readonly #pieces: TextPieces;
  readonly #answeredName: string;
  /** A release that does not know the counts refuses a request for them, once. */
  #givesCounts: boolean;

  /** `answeredName` is what the model is called in the server's answers. */
  constructor(
    connection: ServerConnection,
    description: ServerDescription,
    {
      info,
      pieces,
      answeredName,
    }: { readonly info: ModelInfo; readonly pieces: TextPieces; readonly answeredName: string },
  ) {
    this.#connection = connection;
    this.#description = description;
    this.#pieces = pieces;
    this.#answeredName = answeredName;
    // Others may count tokens that they do not send, so nothing can be learnt from their counts.
    this.#givesCounts = description.software === 'vLLM';
    this.info = info;
  }

  tokenize(text: string, options: TokenizeOptions): Promise<readonly TokenId[]> {
    return Promise.resolve(this.#pieces.tokenize(text, options));
  }

  detokenize(tokens: readonly TokenId[]): Promise<string> {
    return Promise.resolve(this.#pieces.textOf(tokens));
  }

  renderChat(messages: readonly ChatMessage[]): Promise<string> {
    return Promise.resolve(this.#pieces.render(messages));
  }

  async requireSameModel(signal: AbortSignal): Promise<void> {
    const { modelName, protocol } = this.#description;
    await describeServer(this.#connection, { modelName, protocol }, signal);
  }

  async *write(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WrittenToken, WriteEnd, void> {
    if (request.grammar !== undefined) {
      throw new CodedError(
        'grammar.invalid',
        `${this.#connection.address} keeps to no grammar.`,
        'Use llama-server for it.',
      );
    }
    const conversation = this.#pieces.conversationOf(tokens);
    const asked = this.#asked(tokens, conversation, request);
    let finish: OpenAiChunk['finish'] = null;
    const marks = new ThoughtMarks(conversation?.begun ?? '');
    const counts = new ChunkCounts({ sendsAll: asked.path === textPath });
    for await (const value of this.#events(asked, signal)) {
      const chunk = this.#chunkIn(value, finish !== null);
      if (chunk === null) continue;
      const following = counts.follow(chunk);
      if (following === 'afterLoss') throw closedEarly(this.#connection.address);
      finish = chunk.finish ?? finish;
      if (following === 'repeated') continue;
      for (const token of marks.around(this.#tokensOf(chunk), chunk)) yield this.#written(token, request);
    }
    switch (finish) {
      case 'endToken':
        return { type: 'endToken', id: this.#endToken };
      case 'maxTokens':
        return { type: 'maxTokens' };
      case null:
        throw closedEarly(this.#connection.address);
    }
  }

  async *#events(
    { path, body }: Pick<StreamRequest, 'path' | 'body'>,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void, void> {
    const plain = { path, body, isLast: endsAnswer };
    if (this.#givesCounts) {
      const stream_options = { include_usage: true, continuous_usage_stats: true };
      try {
        yield* this.#connection.stream({ ...plain, body: { ...body, stream_options } }, signal);
        return;
      } catch (thrown) {
        if (!(thrown instanceof CodedError) || thrown.code !== 'server.rejected') throw thrown;
      }
    }
    for await (const value of this.#connection.stream(plain, signal)) {
      // It was these members, then, that were refused.
      this.#givesCounts = false;
      yield value;
    }
  }

  /** A chunk of the model; null for one after the end that nothing can be made of, since the text is whole. */
  #chunkIn(value: unknown, isWhole: boolean): OpenAiChunk | null {
    try {
      const { address } = this.#connection;
      const chunk = readOpenAiChunk(address, value);
      const { modelName } = this.#description;
      if (chunk.modelName !== modelName) requireSameModel(address, this.#answeredName, chunk.modelName);
      return chunk;
    } catch (thrown) {
      if (isWhole) return null;
      throw thrown;
    }
  }

  get #endToken(): TokenId {
    return this.info.endTokens[0] ?? -1;
  }

  /** Where the server names no tokens, or others than it writes, the text is cut here. */
  #tokensOf({ text, thought, tokens }: OpenAiChunk): readonly NamedToken[] {
    const cut = (part: string): readonly NamedToken[] =>
      this.#pieces
        .tokenize(part, { special: false })
        .map((id) => ({ text: this.#pieces.textOf([id]), logprob: null, top: [] }));
    const named = tokens.map((token) => token.text).join('');
    if (named === thought + text) return tokens;
    return [...cut(thought), ...(named === text ? tokens : cut(text))];
  }

  #written({ text, logprob, top }: NamedToken, { alternatives }: WriteRequest): WrittenToken {
    const named = (each: string): TokenId => this.#pieces.idOf(each);
    const token = {
      id: named(text),
      text,
      logprob,
      top: top.map((each) => ({ ...each, id: named(each.text) })),
    };
    const { vocabularySize } = this.#description;
    return { step: boundedStep(token, { vocabularySize, alternatives, source: 'model' }), ids: [token.id] };
  }

  #asked(
    tokens: readonly TokenId[],
    conversation: Conversation | null,
    request: WriteRequest,
  ): { readonly path: string; readonly body: object } {
    const { sampler, seed, maxTokens, alternatives, choices } = request;
    const count = Math.min(this.info.capabilities.alternatives, Math.max(alternatives, leastAlternatives));
    const usual = {
      model: this.#description.modelName,
      max_tokens: maxTokens,
      stream: true,
      seed,
      temperature: sampler.temperature,
      top_p: sampler.topP,
      // Not OpenAI's, but those that know them draw as the engine of this machine does.
      ...(sampler.topK > 0 && { top_k: sampler.topK }),
      ...(sampler.minP > 0 && { min_p: sampler.minP }),
      // vLLM's, by its name until release 0.11 and by the one since; it passes over the other.
      ...(choices !== undefined && { guided_choice: choices, structured_outputs: { choice: choices } }),
    };
    if (this.#description.protocol === 'completions' && conversation === null) {
      const logprobs = count > 0 ? { logprobs: count } : {};
      return {
        path: textPath,
        body: { ...usual, ...logprobs, prompt: this.#pieces.textOf(tokens) },
      };
    }
    return { path: '/v1/chat/completions', body: { ...usual, ...this.#chatMembers(conversation, count) } };
  }

  #chatMembers(conversation: Conversation | null, count: number): object {
    const { address } = this.#connection;
    if (conversation === null) throw unsupportedByServer(address, 'answers conversations and nothing else');
    const { messages, begun } = conversation;
    const logprobs = count > 0 ? { logprobs: true, top_logprobs: count } : {};
    if (begun === '') return { ...logprobs, messages };
    if (this.#description.protocol === 'chat')
      throw unsupportedByServer(address, 'cannot go on with an answer that is begun');
    // vLLM's way to go on with the last turn.
    const open = { role: 'assistant', content: begun };
    return {
      ...logprobs,
      messages: [...messages, open],
      add_generation_prompt: false,
      continue_final_message: true,
    };
  }
}
