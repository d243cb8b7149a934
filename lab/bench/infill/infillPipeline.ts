import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompleteParams, CompleteResult } from '../../../protocol/messages.ts';
import { endPosition } from '../../../sidecar/cli/completeAt.ts';
import { Completer } from '../../../sidecar/completion/completer.ts';
import type { Healing } from '../../../sidecar/completion/cursorContext.ts';
import { DocumentStore } from '../../../sidecar/documents/documentStore.ts';
import { cancelled } from '../../../sidecar/engine/cancelled.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { TraceStore } from '../../../sidecar/trace/traceStore.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';

/** A text with a cursor in it. */
export interface CursorText {
  readonly before: string;
  readonly after: string;
  /** VS Code's identifier. */
  readonly languageId: string;
}

interface PipelineOptions {
  readonly healing: Healing;
  /** Holds the grammars. */
  readonly bundleFolder: string;
}

/** The product's own way from a document and a cursor to what is shown, without the wire. */
export class InfillPipeline {
  readonly #documents = new DocumentStore();
  readonly #completer: Completer;
  readonly #folder: string;
  #requests = 0;

  private constructor(
    model: Model,
    { folder, bundleFolder, healing }: PipelineOptions & { readonly folder: string },
  ) {
    const limits = { files: 1, completionFiles: 1, bytes: defaultSettings.traceBytesLimit };
    const traces = new TraceStore(folder, limits, systemClock);
    const { identity, backend, contextTokens } = model.info;
    this.#folder = folder;
    this.#completer = new Completer({
      documents: this.#documents,
      clock: systemClock,
      shapes: shapeReaders(join(bundleFolder, 'syntax'), systemClock),
      settings: () => defaultSettings,
      health: () => ({ state: 'ready', modelName: identity.name, backend, contextTokens, notes: [] }),
      acquireModel: () => Promise.resolve({ model, release: () => undefined }),
      fast: () => null,
      traces: () => traces,
      onTraceFailure: (error) => {
        throw error;
      },
      isDaySpent: () => Promise.resolve(false),
      book: () => undefined,
      healing,
      // What a text is must not depend on how busy the machine is.
      timeLimitMs: null,
    });
  }

  static async open(model: Model, options: PipelineOptions): Promise<InfillPipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'entropane-infill-'));
    return new InfillPipeline(model, { ...options, folder });
  }

  /** Completes as an editor asks while somebody types. Throws `cancelled`. */
  async complete(
    { before, after, languageId }: CursorText,
    choices: Pick<CompleteParams, 'multiline' | 'maxTokens'>,
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    this.#requests += 1;
    const requestId = `row-${this.#requests}`;
    const uri = `file:///${requestId}`;
    this.#documents.open({ uri, languageId, version: 1, text: before + after });
    try {
      const result = await this.#completer.complete(
        { textDocument: { uri }, position: endPosition(before), trigger: 'automatic', ...choices },
        { requestId, steering: new Steering(), report: () => undefined },
        signal,
      );
      // Cancelled, it shows nothing, and that must not be counted.
      if (signal.aborted) throw cancelled();
      return result;
    } finally {
      this.#documents.close(uri);
    }
  }

  async dispose(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
