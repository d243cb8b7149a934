import type { StubAnswer, SeenRequest } from './stubServer.ts';
import { logprobsOf, type StubModel, type StubToken } from './stubModel.ts';

/** llama-server's own paths, in the form of its release b1-de3ff81 (llama.cpp 0.5.0), as it was seen to answer. */
export function answerAsLlamaServer(model: StubModel, { path, body }: SeenRequest): StubAnswer {
  switch (path) {
    case '/props':
      return { value: propsOf(model) };
    case '/v1/models':
      return { value: { object: 'list', data: [listedModel(model)] } };
    case '/tokenize': {
      if (body.with_pieces === true) return { value: { tokens: model.pieces(String(body.content)) } };
      const special = body.parse_special !== false;
      const begin =
        body.add_special === true && model.hasBeginToken ? [model.vocabulary.idOf('<|im_start|>')] : [];
      return {
        value: { tokens: [...begin, ...model.vocabulary.tokenize(String(body.content), { special })] },
      };
    }
    case '/infill':
      return infill(model, body);
    case '/detokenize':
      return { value: { content: model.vocabulary.textOf(body.tokens as readonly number[]) } };
    case '/apply-template':
      return { value: { prompt: model.render(body.messages as Parameters<StubModel['render']>[0]) } };
    case '/completion':
      return complete(model, body);
    default:
      return null;
  }
}

/**
 * A llama-server in router mode, as the same release was seen to answer: it has facts of a model only once that is loaded, which
 * the first request that names it does.
 */
export function answerAsRouter(model: StubModel, request: SeenRequest): StubAnswer {
  const { path, query, body } = request;
  if (path === '/v1/models') {
    const { meta, ...unloaded } = listedModel(model);
    return { value: { object: 'list', data: [model.isLoaded ? { ...unloaded, meta } : unloaded] } };
  }
  const named = new URLSearchParams(query).get('model') ?? body.model;
  if (path === '/props' && named === undefined)
    return {
      value: { role: 'router', model_alias: 'llama-server', default_generation_settings: { n_ctx: 0 } },
    };
  if (named !== model.name) return refusal('model name is missing from the request', 'invalid_request_error');
  model.isLoaded = true;
  return answerAsLlamaServer(model, request);
}

function propsOf(model: StubModel): object {
  return {
    default_generation_settings: { params: {}, n_ctx: model.contextTokens },
    total_slots: 2,
    model_alias: model.name,
    model_path: model.name,
    chat_template: model.chatTemplate,
    bos_token: '<|im_start|>',
    ...(model.namesEnd && { eos_token: '<|im_end|>' }),
    build_info: 'b1-stub',
  };
}

function listedModel({ name, contextTokens }: StubModel) {
  return {
    id: name,
    object: 'model',
    owned_by: 'llamacpp',
    meta: { n_vocab: 49_152, n_ctx: contextTokens, n_ctx_train: 8192 },
  };
}

function infill(model: StubModel, body: SeenRequest['body']): StubAnswer {
  const prompt = model.infillPrompt(String(body.input_prefix), String(body.input_suffix));
  if (prompt !== null) return { value: { index: 0, content: 'x', stop: true, model: model.name, prompt } };
  const message = 'Infill is not supported by this model: prefix token is missing. ';
  return { value: { error: { code: 501, message, type: 'not_supported_error' } }, status: 501 };
}

function complete(model: StubModel, body: SeenRequest['body']): StubAnswer {
  const ids =
    typeof body.prompt === 'string'
      ? model.vocabulary.tokenize(body.prompt, { special: true })
      : (body.prompt as readonly number[]);
  if (ids.length === 0) return refusal('"prompt" must not be empty', 'invalid_request_error');
  if (ids.length >= model.contextTokens) {
    const message = `request (${ids.length} tokens) exceeds the available context size (${model.contextTokens} tokens), try increasing it`;
    return refusal(message, 'exceed_context_size_error');
  }
  if (typeof body.grammar === 'string' && body.grammar.includes('broken'))
    return refusal('Failed to initialize samplers: failed to parse grammar', 'invalid_request_error');
  const maxTokens = Number(body.n_predict ?? 64);
  const probabilityCount = model.hasProbabilities ? Number(body.n_probs ?? 0) : 0;
  const seed = typeof body.seed === 'number' ? body.seed : null;
  const { tokens, endsByItself } = model.write(model.vocabulary.textOf(ids), { maxTokens, seed });
  const probabilities = (token: (typeof tokens)[number]): object =>
    probabilityCount === 0 ? {} : { completion_probabilities: [logprobsOf(model, token, probabilityCount)] };
  let predicted = 0;
  const events: object[] = tokens.map((token) => {
    predicted += 1 + (token.heldBack ?? 0);
    return {
      ...{
        index: 0,
        content: token.text,
        tokens: [lastTokenOf(model, token)],
        stop: false,
        id_slot: -1,
      },
      ...{ tokens_predicted: predicted, tokens_evaluated: ids.length, ...probabilities(token) },
    };
  });
  if (endsByItself) {
    predicted += 1;
    events.push({
      ...{ index: 0, content: '', tokens: [model.endToken], stop: false, id_slot: -1 },
      ...{
        tokens_predicted: predicted,
        tokens_evaluated: ids.length,
        ...probabilities({ text: '<|im_end|>' }),
      },
    });
  }
  const last = {
    ...{ index: 0, content: '', tokens: [], id_slot: 1, stop: true, model: model.name },
    ...{ tokens_predicted: predicted, tokens_evaluated: ids.length, truncated: false },
    ...{ stop_type: endsByItself ? 'eos' : 'limit', stopping_word: '' },
    timings: { cache_n: 0, prompt_n: ids.length, prompt_ms: 4, predicted_n: predicted, predicted_ms: 8 },
  };
  if (body.stream === true) return { events: [...events, last].map((event) => JSON.stringify(event)) };
  const content = tokens.map(({ text }) => text).join('');
  const each =
    probabilityCount === 0
      ? {}
      : { completion_probabilities: tokens.map((token) => logprobsOf(model, token, probabilityCount)) };
  return { value: { ...last, content, ...each } };
}

/** The token of a text, or the last one of a character that is written with several. */
function lastTokenOf({ vocabulary }: StubModel, { text, heldBack = 0 }: StubToken): number {
  return vocabulary.idOf(heldBack === 0 ? text : `last of ${heldBack + 1} tokens: ${text}`);
}

function refusal(message: string, type: string): StubAnswer {
  return { value: { error: { code: 400, message, type } }, status: 400 };
}
