import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endPosition } from '../../../sidecar/cli/completeAt.ts';
import { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import type { Edit } from './keyboard.ts';
import type { TypedFile, TypingSide } from './typingSide.ts';

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

/** The product as the extension drives it: files opened, changes as edits, and an automatic request in each pause. */
export async function openProduct(
  options: ProductOptions,
  files: { readonly typed: TypedFile; readonly related: readonly TypedFile[] },
  signal: AbortSignal,
): Promise<TypingSide> {
  const { typed, related } = files;
  const { client, stop } = await startProduct(options);
  for (const file of [...related, typed]) await client.openDocument(file);
  // An automatic request before the model is loaded is answered with nothing at once; this one waits for it.
  const warmUp = { textDocument: { uri: typed.uri }, position: { line: 0, character: 0 }, maxTokens: 1 };
  await client.request('entropane/complete', { ...warmUp, trigger: 'invoked' }, { signal });
  // The book of the day has all tokens of prompts: of requests those in the cache, too.
  const bookedTokens = async (): Promise<number> => {
    const { days } = await client.request('entropane/spending/show', null, { signal });
    return days.reduce((sum, { tokens }) => sum + tokens.prompt, 0);
  };
  let text = typed.text;
  let version = 1;
  let knownTokens = 0;
  return {
    name: 'sidecar',
    processId: client.processId ?? 0,
    ask: async ({ edits, position }) => {
      for (const edit of edits) {
        version += 1;
        await client.changeDocument(typed.uri, version, [changeOf(text, edit)]);
        text = text.slice(0, edit.offset) + edit.inserted + text.slice(edit.offset + edit.removed);
      }
      knownTokens = await bookedTokens();
      const startedMs = performance.now();
      const lineTimesMs: number[] = [];
      const { items, report } = await client.request(
        'entropane/complete',
        { textDocument: { uri: typed.uri }, position, trigger: 'automatic' },
        {
          signal,
          onPartial: (progress) => {
            if (progress.some(({ type }) => type === 'lines'))
              lineTimesMs.push(performance.now() - startedMs);
          },
        },
      );
      knownTokens += report.promptTokenCount;
      return {
        // The editor shows the first line as soon as it has ended, or all of a text of one line.
        durationMs: lineTimesMs[0] ?? performance.now() - startedMs,
        text: items[0]?.text ?? '',
        prefilledTokens: report.promptTokenCount - report.cachedTokenCount,
        generatedTokens: report.generatedTokenCount,
      };
    },
    idleTokens: async () => (await bookedTokens()) - knownTokens,
    stop,
  };
}

function changeOf(text: string, { offset, removed, inserted }: Edit) {
  const range = {
    start: endPosition(text.slice(0, offset)),
    end: endPosition(text.slice(0, offset + removed)),
  };
  return { range, text: inserted };
}
