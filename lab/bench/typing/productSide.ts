import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CompleteParams,
  CompleteResult,
  CompletionItem,
  CompletionProgress,
  CompletionReport,
} from '../../../protocol/messages.ts';
import { endPosition } from '../../../sidecar/cli/completeAt.ts';
import { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import type { Edit } from './keyboard.ts';
import {
  type TokenWork,
  noWork,
  type TypedFile,
  type TypedPlace,
  type TypingAnswer,
  type TypingSide,
} from './typingSide.ts';

/** How the product is started. */
export interface ProductOptions {
  readonly bundleFolder: string;
  /** Writes completions, and answers questions where no other does. */
  readonly modelPath: string;
  readonly questionModel?: string | null;
}

/** A sidecar process with default settings and a store of its own, which goes with it. */
export async function startProduct({
  bundleFolder,
  modelPath,
  questionModel,
}: ProductOptions): Promise<{ readonly client: SidecarClient; readonly stop: () => Promise<void> }> {
  const storePath = await mkdtemp(join(tmpdir(), 'entropane-typing-'));
  const removeStore = () => rm(storePath, { recursive: true, force: true });
  try {
    const client = await SidecarClient.start({
      sidecarPath: join(bundleFolder, 'sidecar.cjs'),
      settings: { model: questionModel ?? modelPath, completionModel: modelPath, storePath },
      onLog: () => undefined,
    });
    const stop = async (): Promise<void> => {
      await client.dispose();
      await removeStore();
    };
    return { client, stop };
  } catch (thrown) {
    await removeStore();
    throw thrown;
  }
}

/**
 * The product as the extension drives it: files opened, changes as edits, an automatic request in each pause, and then one for what
 * follows its answer.
 */
export async function openProduct(
  options: ProductOptions,
  files: { readonly typed: TypedFile; readonly related: readonly TypedFile[] },
  signal: AbortSignal,
): Promise<TypingSide> {
  const { typed, related } = files;
  const product = await startProduct(options);
  for (const file of [...related, typed]) await product.client.openDocument(file);
  // An automatic request before the model is loaded is answered with nothing at once; this one waits for it.
  const warmUp = { textDocument: { uri: typed.uri }, position: { line: 0, character: 0 }, maxTokens: 1 };
  await product.client.request('entropane/complete', { ...warmUp, trigger: 'invoked' }, { signal });
  return new ProductSide(product, typed, signal);
}

class ProductSide implements TypingSide {
  readonly name = 'sidecar';
  readonly stop: () => Promise<void>;
  readonly #client: SidecarClient;
  readonly #uri: string;
  readonly #signal: AbortSignal;
  #text: string;
  #version = 1;
  /** Of prompts that were asked with. */
  #knownTokens = 0;
  #shown: CompletionItem | null = null;

  constructor(
    { client, stop }: Awaited<ReturnType<typeof startProduct>>,
    { uri, text }: TypedFile,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.stop = stop;
    this.#uri = uri;
    this.#text = text;
    this.#signal = signal;
  }

  get processId(): number {
    return this.#client.processId ?? 0;
  }

  async ask({ edits, position }: TypedPlace): Promise<TypingAnswer> {
    for (const edit of edits) await this.#change(edit);
    this.#knownTokens = await this.#bookedTokens();
    const startedMs = performance.now();
    const lineTimesMs: number[] = [];
    const { items, report } = await this.#complete({ position }, (progress) => {
      if (progress.some(({ type }) => type === 'lines')) lineTimesMs.push(performance.now() - startedMs);
    });
    const durationMs = performance.now() - startedMs;
    const [item] = items;
    this.#shown = item ?? null;
    return {
      // The editor shows the first line as soon as it has ended, or all of a text of one line.
      durationMs: lineTimesMs[0] ?? durationMs,
      text: item?.text ?? '',
      ...workOf(report),
    };
  }

  /** As if the text that is on display had been accepted. */
  async follow({ position }: TypedPlace): Promise<TokenWork> {
    if (this.#shown === null) return noWork;
    const { text, replacedLength } = this.#shown;
    const end = { ...position, character: position.character + replacedLength };
    const assumed = { range: { start: position, end }, text };
    const { report } = await this.#complete({ position, assumed });
    return workOf(report);
  }

  /** Prompts that it has read while nothing was asked. */
  async idleTokens(): Promise<number> {
    return (await this.#bookedTokens()) - this.#knownTokens;
  }

  async #complete(
    place: Pick<CompleteParams, 'position' | 'assumed'>,
    onPartial?: (progress: readonly CompletionProgress[]) => void,
  ): Promise<CompleteResult> {
    const result = await this.#client.request(
      'entropane/complete',
      { textDocument: { uri: this.#uri }, trigger: 'automatic', ...place },
      { signal: this.#signal, ...(onPartial !== undefined && { onPartial }) },
    );
    this.#knownTokens += result.report.promptTokenCount;
    return result;
  }

  async #change(edit: Edit): Promise<void> {
    this.#version += 1;
    await this.#client.changeDocument(this.#uri, this.#version, [changeOf(this.#text, edit)]);
    const { offset, removed, inserted } = edit;
    this.#text = this.#text.slice(0, offset) + inserted + this.#text.slice(offset + removed);
  }

  /** The book of the day has all tokens of prompts: of requests those in the cache, too. */
  async #bookedTokens(): Promise<number> {
    const { days } = await this.#client.request('entropane/spending/show', null, { signal: this.#signal });
    return days.reduce((sum, { tokens }) => sum + tokens.prompt, 0);
  }
}

function workOf(report: CompletionReport): TokenWork {
  return {
    prefilledTokens: report.promptTokenCount - report.cachedTokenCount,
    generatedTokens: report.generatedTokenCount,
  };
}

function changeOf(text: string, { offset, removed, inserted }: Edit) {
  const range = {
    start: endPosition(text.slice(0, offset)),
    end: endPosition(text.slice(0, offset + removed)),
  };
  return { range, text: inserted };
}
