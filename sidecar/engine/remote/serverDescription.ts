import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { ServerListing } from '../../../protocol/messages.ts';
import { countRange, readAnswer } from './answerFields.ts';
import type { ServerConnection } from './serverConnection.ts';
import { otherModel } from './serverFailure.ts';

/** How a server is spoken to: llama-server's own way, or OpenAI's with raw prompts or with conversations alone. */
export type ServerProtocol = 'llamaServer' | 'completions' | 'chat';

/** What a server says of itself and of the model that is asked of it. */
export interface ServerDescription {
  readonly software: string;
  readonly protocol: ServerProtocol;
  /** As the server wants to be asked for it. */
  readonly modelName: string;
  /** A llama-server in router mode: it starts the model that a request names, and no other answers for it. */
  readonly isRouted: boolean;
  /** For people: without folders and file type. */
  readonly shownName: string;
  /** Room of one request; null where the server does not say. */
  readonly contextTokens: number | null;
  /** Requests that it works on at once; null where it does not say. */
  readonly slotCount: number | null;
  readonly vocabularySize: number | null;
  /** Jinja; null where the server does not show it. */
  readonly chatTemplate: string | null;
  readonly hasChatTemplate: boolean;
  /** Text of the token that a prompt may begin with; null where the server does not say. */
  readonly beginText: string | null;
  /** Text of the token that ends an answer; null where the server does not say. */
  readonly endText: string | null;
}

/** What is wanted of a server. */
export interface AskedModel {
  /** Null for the only one that it has. */
  readonly modelName: string | null;
  readonly protocol: ServerProtocol | 'auto';
}

/** A model in a server's list. */
interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
  readonly contextTokens: number | null;
  readonly vocabularySize: number | null;
}

/**
 * Asks a server what it is and finds the model that is wanted of it. Throws as `ServerConnection` does, `model.missing` where
 * it has no such model, and `parameter.invalid` where it has several and none is named.
 */
export async function describeServer(
  connection: ServerConnection,
  wanted: AskedModel,
  signal: AbortSignal,
): Promise<ServerDescription> {
  const found = await propsOf(connection, wanted, signal);
  const models = await listModels(connection, signal);
  const props = isRouter(found)
    ? await routedProps(connection, findModel(connection.address, models, wanted.modelName), signal)
    : found;
  if (props !== null) {
    // The list of a router has no facts of a model before it is loaded.
    const listed = isRouter(found) ? await listModels(connection, signal) : models;
    const isRouted = isRouter(found);
    return describeLlamaServer(connection.address, { props, models: listed, wanted, isRouted });
  }
  const model = findModel(connection.address, models, wanted.modelName);
  const software = softwareOf(model.ownedBy);
  // Others that take raw prompts may put a template around them, which cannot be seen from here.
  const usual = software === 'vLLM' ? 'completions' : 'chat';
  return {
    software,
    protocol: wanted.protocol === 'auto' || wanted.protocol === 'llamaServer' ? usual : wanted.protocol,
    modelName: model.id,
    isRouted: false,
    shownName: shownName(model.id),
    contextTokens: model.contextTokens,
    slotCount: null,
    vocabularySize: null,
    chatTemplate: null,
    hasChatTemplate: true,
    beginText: null,
    endText: null,
  };
}

/** What a server has, without a prompt being sent. Throws as `ServerConnection` does. */
export async function listServer(connection: ServerConnection, signal: AbortSignal): Promise<ServerListing> {
  const wanted: AskedModel = { protocol: 'auto', modelName: null };
  const props = await propsOf(connection, wanted, signal);
  const models = await listModels(connection, signal);
  if (props !== null && !isRouter(props)) {
    const facts = { props, models, wanted, isRouted: false };
    const { software, shownName: name, contextTokens } = describeLlamaServer(connection.address, facts);
    return { software, models: [{ name, contextTokens }] };
  }
  return {
    software: props === null ? softwareOf(models[0]?.ownedBy ?? '') : 'llama-server',
    models: models.map(({ id, contextTokens }) => ({ name: id, contextTokens })),
  };
}

/** The name that a llama-server gives its model now: of what is asked between two requests. */
export async function servedName(connection: ServerConnection, signal: AbortSignal): Promise<string> {
  const props = await connection.get('/props', signal);
  return readAnswer(connection.address, props, (fields) => fields.string('model_alias'));
}

/** Throws `server.otherModel` where a server's model is not, or is no longer, the one that was asked. */
export function requireSameModel(address: string, wanted: string, found: string): void {
  if (wanted !== found) throw otherModel(address, { wanted: shownName(wanted), found: shownName(found) });
}

/** What only llama-server has; null for another server. */
async function propsOf(
  connection: ServerConnection,
  { protocol }: AskedModel,
  signal: AbortSignal,
): Promise<unknown> {
  if (protocol === 'completions' || protocol === 'chat') return null;
  try {
    const props = await connection.get('/props', signal);
    return isRouter(props) || (isRecord(props) && 'total_slots' in props) ? props : null;
  } catch (thrown) {
    // Others have no such page, or a page for people in its place.
    const isOther =
      thrown instanceof CodedError &&
      (thrown.code === 'server.unsupported' || thrown.code === 'server.unreadable');
    if (!isOther || protocol === 'llamaServer') throw thrown;
    return null;
  }
}

/** A llama-server that was started without a model, and starts one for each that is asked of it. */
function isRouter(props: unknown): boolean {
  return isRecord(props) && props.role === 'router';
}

/** Facts of a router's model. It is loaded first, which may take as long as a long prompt. */
async function routedProps(
  connection: ServerConnection,
  { id }: ListedModel,
  signal: AbortSignal,
): Promise<unknown> {
  await connection.post('/tokenize', { model: id, content: 'a' }, signal);
  return connection.get(`/props?model=${encodeURIComponent(id)}`, signal);
}

function describeLlamaServer(
  address: string,
  {
    props,
    models,
    wanted,
    isRouted,
  }: {
    readonly props: unknown;
    readonly models: readonly ListedModel[];
    readonly wanted: AskedModel;
    readonly isRouted: boolean;
  },
): ServerDescription {
  return readAnswer(address, props, (fields) => {
    const modelName = fields.string('model_alias');
    const names = [modelName, shownName(modelName)];
    if (wanted.modelName !== null && !names.includes(wanted.modelName))
      throw otherModel(address, { wanted: wanted.modelName, found: shownName(modelName) });
    const chatTemplate = fields.optionalString('chat_template') ?? '';
    const listed = models.find(({ id }) => id === modelName);
    return {
      software: `llama-server ${fields.optionalString('build_info') ?? ''}`.trim(),
      protocol: 'llamaServer',
      modelName,
      isRouted,
      shownName: shownName(modelName),
      contextTokens: fields.object('default_generation_settings').number('n_ctx', countRange),
      slotCount: fields.number('total_slots', countRange),
      vocabularySize: listed?.vocabularySize ?? null,
      chatTemplate: chatTemplate === '' ? null : chatTemplate,
      hasChatTemplate: chatTemplate !== '',
      beginText: fields.optionalString('bos_token') ?? null,
      endText: fields.optionalString('eos_token') ?? null,
    };
  });
}

async function listModels(
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<readonly ListedModel[]> {
  const answer = await connection.get('/v1/models', signal).catch((thrown: unknown) => {
    throw isUnsupported(thrown) ? noModelServer(connection.address, thrown) : thrown;
  });
  return readAnswer(connection.address, answer, (fields) =>
    fields.objects('data').map((model) => {
      const meta = model.optionalObject('meta');
      return {
        id: model.string('id'),
        ownedBy: model.optionalString('owned_by') ?? '',
        // vLLM's name for it.
        contextTokens: model.optionalNumber('max_model_len', countRange) ?? null,
        vocabularySize: meta?.optionalNumber('n_vocab', countRange) ?? null,
      };
    }),
  );
}

function findModel(address: string, models: readonly ListedModel[], wanted: string | null): ListedModel {
  const names = models.map(({ id }) => id);
  const listed = names.length === 0 ? 'none' : names.slice(0, 20).join(', ');
  const [only, ...others] = models;
  if (wanted === null) {
    if (only !== undefined && others.length === 0) return only;
    throw new CodedError(
      'parameter.invalid',
      `${address} has ${models.length} models: ${listed}.`,
      'Name the one to ask.',
    );
  }
  const found = models.find(({ id }) => id === wanted || shownName(id) === wanted);
  if (found !== undefined) return found;
  throw new CodedError(
    'model.missing',
    `${address} has no model ${wanted}. It has: ${listed}.`,
    'Name one of these.',
  );
}

/** By whom the models are said to be: the only thing in which the lists of these servers differ. */
function softwareOf(ownedBy: string): string {
  switch (ownedBy) {
    case 'vllm':
      return 'vLLM';
    case 'library':
      return 'Ollama';
    case 'organization_owner':
      return 'LM Studio';
    case 'llamacpp':
      return 'llama-server';
    default:
      return 'an OpenAI-compatible server';
  }
}

function shownName(modelName: string): string {
  const file = modelName.split(/[\\/]/).at(-1) ?? modelName;
  return file.endsWith('.gguf') ? file.slice(0, -'.gguf'.length) : modelName;
}

function isUnsupported(thrown: unknown): boolean {
  return thrown instanceof CodedError && thrown.code === 'server.unsupported';
}

/** What answers has no list of models, which all servers of models have. */
function noModelServer(address: string, cause: unknown): CodedError {
  return new CodedError(
    'server.unsupported',
    `${address} has no list of models (/v1/models), so it is not a llama-server, nor compatible with OpenAI's protocol.`,
    'Check address and port.',
    { cause },
  );
}
