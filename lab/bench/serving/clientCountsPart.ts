import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import type { Model, TokenId } from '../../../sidecar/engine/engine.ts';
import type { LlamaServer } from '../baselines/llamaServer.ts';
import type { LoadFigure, PartResult } from '../figure.ts';
import type { AnswersFile } from '../infill/answersFile.ts';
import { openQuestions } from '../prompts.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { askEngine, openServed } from './engineClient.ts';
import type { ServedText } from './servedText.ts';
import type { ClientsMeasurement, ServingMeasurement } from './servingMeasurements.ts';

/** Clients at once. Each has a slot of the server. */
const clientCounts = [1, 2, 4, 8, 16, 32, 64] as const;
export const mostClients = 64;
/** Cells of each slot: a prompt and its answer. */
export const slotTokens = 256;
/** Tokens of an answer at most. */
const tokens = 64;
/** Requests of each count: fewer have no 95th percentile apart from the highest. */
const leastRequests = 20;
const requestsEach = 2;

/** Speed and waiting times of more and more clients on one server that has a slot for each. */
export async function clientCountsPart(
  server: LlamaServer,
  measured: AnswersFile<ServingMeasurement>,
  context: Pick<SuiteContext, 'note' | 'signal'>,
): Promise<PartResult> {
  const { note, signal } = context;
  const { engine, model } = await openServed(server.origin, mostClients, signal);
  try {
    const figures: LoadFigure[] = [];
    for (const clients of clientCounts) {
      const isIt = (each: ServingMeasurement): each is ClientsMeasurement =>
        each.part === 'clients' && each.clients === clients;
      const kept = measured.find(isIt);
      const measurement = kept ?? (await measureCount(model, clients, signal));
      if (kept === undefined) await measured.add(measurement);
      const figure = loadFigure(measurement);
      figures.push(figure);
      note(`  ${clients} clients: ${figure.tokensPerSecond.toFixed(1)} tok/s`);
    }
    return { figures, notes: [loadNote] };
  } finally {
    await engine.dispose();
  }
}

async function measureCount(model: Model, clients: number, signal: AbortSignal): Promise<ClientsMeasurement> {
  const count = Math.ceil(Math.max(leastRequests, requestsEach * clients) / clients) * clients;
  const prompts = await freshPrompts(model, { clients, count }, signal);
  const startMs = performance.now();
  const texts = await askAtOnce(prompts, {
    clients,
    ask: (prompt) => askEngine(model, { prompt, tokens }, signal),
  });
  return { part: 'clients', clients, texts, durationMs: performance.now() - startMs };
}

/** Has so many clients ask, each with the next prompt that is left as soon as its last answer has ended. */
export async function askAtOnce(
  prompts: readonly (readonly TokenId[])[],
  {
    clients,
    ask,
  }: { readonly clients: number; readonly ask: (prompt: readonly TokenId[]) => Promise<ServedText> },
): Promise<readonly ServedText[]> {
  const left = [...prompts];
  const texts: ServedText[] = [];
  const client = async (): Promise<void> => {
    for (let prompt = left.shift(); prompt !== undefined; prompt = left.shift())
      texts.push(await ask(prompt));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return texts;
}

/** Questions as the product puts them, none of them asked before: what they share is what all prompts of the product share. */
function freshPrompts(
  model: Model,
  { clients, count }: { readonly clients: number; readonly count: number },
  signal: AbortSignal,
): Promise<readonly (readonly TokenId[])[]> {
  const questions = Array.from(
    { length: count },
    (_, index) => `${clients}.${index}: ${openQuestions[index % openQuestions.length] ?? ''}`,
  );
  return Promise.all(
    questions.map(async (question) => {
      const { tokens: ids } = await renderChatTokens(model, chatMessages(question, null, 'direct'), signal);
      return ids;
    }),
  );
}

/** Pure. */
export function loadFigure({ clients, texts, durationMs }: ClientsMeasurement): LoadFigure {
  const count = texts.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  return {
    type: 'load',
    name: `${clients} clients`,
    clients,
    tokensPerSecond: (1000 * count) / durationMs,
    firstTokenMs: texts.map(({ firstTokenMs }) => firstTokenMs),
    answerMs: texts.map(({ endMs }) => endMs),
  };
}

const loadNote =
  `Clients: ${mostClients} slots of ${slotTokens} tokens. Each client has one request at a time and sends the next at once, through the engine: questions ` +
  `with the product's instruction before them, at most ${tokens} tokens written greedily, with the alternatives that the product asks for. ` +
  'Tokens a second are all that were written, by the time from the first request to the last end. Server and clients share the cores.';
