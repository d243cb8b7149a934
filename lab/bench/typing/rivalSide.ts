import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { noWork, type TypedFile, type TypedPlace, type TypingAnswer, type TypingSide } from './typingSide.ts';

/** Flags that llama.vscode starts llama-server with for completions; the last is its own default, which other suites turn off. */
const shippedFlags = [
  '-ub',
  '1024',
  '-b',
  '1024',
  '--cache-reuse',
  '256',
  '-dt',
  '0.1',
  '--cache-ram',
  '8192',
];
const contextTokens = 8192;
/** Lines of the document that llama.vscode sends before the cursor's line and after it. */
const linesBefore = 256;
const linesAfter = 64;
/** Lines of a chunk of another file. */
const chunkLines = 64;
/** The rest of a request as llama.vscode sends it. */
const requestParameters = {
  n_predict: 128,
  stop: [],
  top_k: 40,
  top_p: 0.99,
  samplers: ['top_k', 'top_p', 'infill'],
  stream: false,
  cache_prompt: true,
  t_max_prompt_ms: 500,
  t_max_predict_ms: 500,
};

/** How llama-server orders a prompt: prefix first unless it is started with `--spm-infill`. */
export type RivalOrder = 'prefixFirst' | 'suffixFirst';

export interface RivalOptions {
  readonly toolPath: string;
  readonly modelPath: string;
  readonly threads: number;
  readonly order: RivalOrder;
}

/** A piece of another file, as `/infill` takes it. */
export interface ContextChunk {
  readonly text: string;
  readonly filename: string;
}

/** llama-server as llama.vscode starts it. Its caller stops it. */
export function startRival(
  { toolPath, modelPath, threads, order }: RivalOptions,
  signal: AbortSignal,
): Promise<LlamaServer> {
  const flags = [...shippedFlags, ...(order === 'suffixFirst' ? ['--spm-infill'] : [])];
  return LlamaServer.start(toolPath, { modelPath, threads, contextTokens, slots: 1, flags }, signal);
}

/** Asks `/infill` for what belongs at a cursor, within 500 ms of generation, as llama.vscode does. */
export async function askRival(
  server: LlamaServer,
  { text, offset }: Pick<TypedPlace, 'text' | 'offset'>,
  chunks: readonly ContextChunk[],
  signal: AbortSignal,
): Promise<TypingAnswer> {
  const before = text.slice(0, offset).split('\n');
  const after = text.slice(offset).split('\n');
  const current = before.pop() ?? '';
  const rest = after.shift() ?? '';
  const body = {
    ...requestParameters,
    input_prefix: before
      .slice(-linesBefore)
      .map((line) => `${line}\n`)
      .join(''),
    prompt: current,
    input_suffix: `${rest}\n${after.slice(0, linesAfter).join('\n')}\n`,
    input_extra: chunks,
    n_indent: /^[ \t]*/.exec(current + rest)?.[0].length ?? 0,
  };
  const startedMs = performance.now();
  const answer = await server.post('/infill', body, signal);
  const durationMs = performance.now() - startedMs;
  const fields = new FieldReader(JSON.parse(answer), 'infill');
  const timings = fields.object('timings');
  const anyCount = { min: 0, max: Number.MAX_VALUE };
  return {
    durationMs,
    text: fields.string('content'),
    prefilledTokens: timings.number('prompt_n', anyCount),
    generatedTokens: timings.number('predicted_n', anyCount),
  };
}

/**
 * llama-server with a chunk of each related file in its context, which it has read before the first request, as llama.vscode
 * has it read them while nobody types.
 */
export async function openRival(
  options: RivalOptions,
  related: readonly TypedFile[],
  signal: AbortSignal,
): Promise<TypingSide> {
  const server = await startRival(options, signal);
  const chunks = related.map(({ name, text }): ContextChunk => {
    const lines = text.split('\n');
    const start = Math.max(0, Math.floor((lines.length - chunkLines) / 2));
    return { filename: name, text: lines.slice(start, start + chunkLines).join('\n') };
  });
  await server.post(
    '/infill',
    {
      ...requestParameters,
      input_prefix: '',
      prompt: '',
      input_suffix: '',
      input_extra: chunks,
      n_predict: 0,
    },
    signal,
  );
  let answer = '';
  return {
    name: options.order === 'prefixFirst' ? 'llama-server' : 'llama-server, --spm-infill',
    processId: server.processId ?? 0,
    ask: async (place, askSignal) => {
      const given = await askRival(server, place, chunks, askSignal);
      answer = given.text;
      return given;
    },
    follow: (place, askSignal) => {
      const next = followed(place, answer);
      return next === null ? Promise.resolve(noWork) : askRival(server, next, chunks, askSignal);
    },
    // It does nothing that it was not asked for.
    idleTokens: () => Promise.resolve(0),
    stop: () => server.stop(),
  };
}

/** The place after a text that was accepted, which llama.vscode asks for at once where a line ends at the cursor; null elsewhere. */
function followed(
  { text, offset }: Pick<TypedPlace, 'text' | 'offset'>,
  answer: string,
): Pick<TypedPlace, 'text' | 'offset'> | null {
  const accepted = answer.trimEnd();
  const [rest = ''] = text.slice(offset).split('\n', 1);
  if (accepted === '' || rest.trim() !== '') return null;
  return { text: text.slice(0, offset) + accepted + text.slice(offset), offset: offset + accepted.length };
}
