import { isRecord } from '../../../protocol/isRecord.ts';
import type { StubAnswer, SeenRequest } from './stubServer.ts';
import { logprobsOf, type StubModel, type StubToken, topOf, usualLogprob } from './stubModel.ts';

/**
 * OpenAI's paths as vLLM and Ollama have them. Forms: vLLM's `vllm/entrypoints/openai/protocol.py` (`CompletionStreamResponse`,
 * `ChatCompletionStreamResponse`), Ollama's `docs/openai.md`. vLLM has both paths, Ollama is asked for conversations alone.
 */
export function answerAsOpenAi(
  model: StubModel,
  kind: 'llamaServer' | 'vllm' | 'ollama',
  { path, body }: SeenRequest,
): StubAnswer {
  const isVllm = kind === 'vllm';
  switch (path) {
    case '/v1/models':
      return {
        value: {
          object: 'list',
          data: [
            {
              ...{ id: model.name, object: 'model', created: 0, owned_by: isVllm ? 'vllm' : 'library' },
              ...(isVllm && { max_model_len: model.contextTokens }),
            },
          ],
        },
      };
    case '/v1/completions':
      return isVllm
        ? answerWith(model, body, { isVllm, ...textForm(model, String(body.prompt), body) })
        : null;
    case '/v1/chat/completions': {
      const messages = body.messages as Parameters<StubModel['render']>[0];
      return answerWith(model, body, { isVllm, ...chatForm(model, model.render(messages), body) });
    }
    default:
      return null;
  }
}

/** How one of the two paths writes. */
interface Form {
  readonly prompt: string;
  readonly object: string;
  readonly choice: (token: StubToken) => object;
  /** A choice that carries nothing but the end, with the token that was it where the model ended by itself. */
  readonly end: (token: StubToken | null) => object;
  readonly whole: (tokens: readonly StubToken[]) => object;
}

function answerWith(
  model: StubModel,
  body: SeenRequest['body'],
  { isVllm, ...form }: Form & { readonly isVllm: boolean },
): StubAnswer {
  const limit = Number(body.logprobs === true ? body.top_logprobs : (body.logprobs ?? 0));
  if (limit > 20)
    return { value: { object: 'error', message: 'at most 20 logprobs', code: 400 }, status: 400 };
  const maxTokens = Number(body.max_tokens ?? 16);
  const seed = typeof body.seed === 'number' ? body.seed : null;
  const { tokens, endsByItself } = model.write(form.prompt, { maxTokens, seed });
  const finish_reason = endsByItself ? 'stop' : 'length';
  const usage = {
    prompt_tokens: 7,
    completion_tokens: tokens.length + (endsByItself ? 1 : 0),
    total_tokens: 0,
  };
  const frame = { id: 'cmpl-1', object: form.object, created: 0, model: model.answeredName ?? model.name };
  const choice = (members: object, reason: string | null): object => ({
    index: 0,
    ...members,
    finish_reason: reason,
  });
  if (body.stream !== true)
    return { value: { ...frame, choices: [choice(form.whole(tokens), finish_reason)], usage } };
  const wanted = isRecord(body.stream_options) ? body.stream_options : {};
  const counted = (count: number): object =>
    isVllm && wanted.continuous_usage_stats === true ? { usage: { ...usage, completion_tokens: count } } : {};
  // vLLM writes no chunk for a mark of a thought, and counts it.
  const isMark = ({ text }: StubToken): boolean => isVllm && ['<think>', '</think>'].includes(text);
  const written = tokens.flatMap((token, at) =>
    isMark(token) ? [] : [{ ...frame, choices: [choice(form.choice(token), null)], ...counted(at + 1) }],
  );
  const endToken = isVllm && endsByItself ? { text: '<|im_end|>' } : null;
  const chunks = [
    ...written,
    {
      ...{ ...frame, choices: [choice(form.end(endToken), finish_reason)] },
      ...counted(usage.completion_tokens),
    },
    ...(wanted.include_usage === true ? [{ ...frame, choices: [], usage }] : []),
  ];
  return { events: [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'] };
}

function textForm(model: StubModel, prompt: string, body: SeenRequest['body']): Form {
  const count = model.hasProbabilities ? Number(body.logprobs ?? 0) : 0;
  const logprobs = (tokens: readonly StubToken[]): object | null => {
    if (count === 0) return null;
    const named = (token: StubToken): object =>
      Object.fromEntries(
        topOf(token)
          .slice(0, count)
          .map((each) => [each.text, each.logprob]),
      );
    return {
      text_offset: tokens.map(() => 0),
      tokens: tokens.map(({ text }) => text),
      token_logprobs: tokens.map(({ logprob = usualLogprob }) => logprob),
      top_logprobs: tokens.map(named),
    };
  };
  return {
    prompt,
    object: 'text_completion',
    choice: (token) => ({ text: token.text, logprobs: logprobs([token]) }),
    end: (token) => ({ text: '', logprobs: token && logprobs([token]) }),
    whole: (tokens) => ({ text: tokens.map(({ text }) => text).join(''), logprobs: logprobs(tokens) }),
  };
}

function chatForm(model: StubModel, prompt: string, body: SeenRequest['body']): Form {
  const count = model.hasProbabilities && body.logprobs === true ? Number(body.top_logprobs ?? 0) : 0;
  const logprobs = (tokens: readonly StubToken[]): object | null =>
    count === 0 ? null : { content: tokens.map((token) => logprobsOf(model, token, count)) };
  // A script writes a thought between these marks; a server with a reasoning parser sends it apart.
  const isThought = (text: string): boolean => text.startsWith('‹') && text.endsWith('›');
  const delta = ({ text }: StubToken): object =>
    isThought(text) ? { reasoning_content: text.slice(1, -1) } : { content: text };
  return {
    prompt,
    object: 'chat.completion.chunk',
    choice: (token) => ({ delta: delta(token), logprobs: logprobs([token]) }),
    end: (token) => ({ delta: {}, logprobs: token && logprobs([token]) }),
    whole: (tokens) => {
      const textOf = (part: readonly StubToken[]): string => part.map(({ text }) => text).join('');
      const thought = tokens.filter(({ text }) => isThought(text)).map(({ text }) => text.slice(1, -1));
      const message = {
        role: 'assistant',
        content: textOf(tokens.filter(({ text }) => !isThought(text))),
        ...(thought.length > 0 && { reasoning_content: thought.join('') }),
      };
      return { message, logprobs: logprobs(tokens) };
    },
  };
}
