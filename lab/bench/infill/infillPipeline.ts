import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompleteParams, CompleteResult, ContextOffer } from '../../../protocol/messages.ts';
import { endPosition } from '../../../sidecar/cli/completeAt.ts';
import { Completer } from '../../../sidecar/completion/completer.ts';
import type { Prompting } from '../../../sidecar/completion/completionPrompt.ts';
import { OtherFiles } from '../../../sidecar/completion/otherFiles.ts';
import { PromptReading } from '../../../sidecar/completion/promptReading.ts';
import { DocumentStore } from '../../../sidecar/documents/documentStore.ts';
import { cancelled } from '../../../sidecar/engine/cancelled.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { shapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { TraceStore } from '../../../sidecar/trace/traceStore.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import type { ReadingChoice } from './infillFlags.ts';

/** A text with a cursor in it. */
export interface CursorText {
  readonly before: string;
  readonly after: string;
  /** VS Code's identifier. */
  readonly languageId: string;
}

interface PipelineOptions {
  readonly prompting: Prompting;
  readonly reading: ReadingChoice;
  /** Holds the grammars. */
  readonly bundleFolder: string;
  /** Folder that paths in prompts begin at; none when absent. */
  readonly workspaceUri?: string;
}

type Choices = Pick<CompleteParams, 'multiline' | 'maxTokens'>;

/** The product's own way from a document and a cursor to what is shown, without the wire. */
export class InfillPipeline {
  readonly #documents = new DocumentStore();
  readonly #completer: Completer;
  readonly #otherFiles: OtherFiles;
  readonly #folder: string;
  #requests = 0;

  private constructor(
    model: Model,
    {
      folder,
      bundleFolder,
      prompting,
      reading: choice,
      workspaceUri,
    }: PipelineOptions & { readonly folder: string },
  ) {
    const limits = { files: 1, completionFiles: 1, bytes: defaultSettings.traceBytesLimit };
    const traces = new TraceStore(folder, limits, systemClock);
    const { identity, backend, contextTokens } = model.info;
    this.#folder = folder;
    const acquireModel = () => Promise.resolve({ model, release: () => undefined });
    // Every row is a new place, as after a jump.
    const reading = new PromptReading({
      ...(choice === 'whole' && { boxMs: null }),
      onIdleRead: () => undefined,
    });
    this.#otherFiles = new OtherFiles({
      documents: this.#documents,
      clock: systemClock,
      isOn: () => true,
      isIdle: () => true,
      workspaceUri: () => workspaceUri ?? null,
      clientOffers: () => true,
      acquireModel,
      maxTokens: () => defaultSettings.completionMaxTokens,
      reading,
      log: () => undefined,
    });
    this.#completer = new Completer({
      documents: this.#documents,
      clock: systemClock,
      shapes: shapeReaders(join(bundleFolder, 'syntax'), systemClock),
      settings: () => defaultSettings,
      health: () => ({ state: 'ready', modelName: identity.name, backend, contextTokens, notes: [] }),
      acquireModel,
      traces: () => traces,
      onTraceFailure: (error) => {
        throw error;
      },
      isDaySpent: () => Promise.resolve(false),
      book: () => undefined,
      prompting,
      reading,
      // Nothing is read at rest here: no row but those that ask for it is to be given parts of others.
      otherFiles: {
        began: () => undefined,
        ended: () => undefined,
        frontOf: (of, uri) => this.#otherFiles.frontOf(of, uri),
      },
      // What a text is must not depend on how busy the machine is.
      timeLimitMs: null,
    });
  }

  static async open(model: Model, options: PipelineOptions): Promise<InfillPipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'entropane-infill-'));
    return new InfillPipeline(model, { ...options, folder });
  }

  /** Completes as an editor asks while somebody types. Throws `cancelled`. */
  async complete(text: CursorText, choices: Choices, signal: AbortSignal): Promise<CompleteResult> {
    return this.#completeIn(`file:///row-${this.#requests}`, text, choices, signal);
  }

  /**
   * The same in a document of a name, after parts of other files were offered and what suits the place was read, and when that
   * was done. It is chosen before the line is begun, as where somebody rests and then types. Parts that were offered before are
   * kept, as in an editor.
   */
  async completeWithOthers(
    text: CursorText & { readonly uri: string },
    { offers, choices }: { readonly offers: readonly Omit<ContextOffer, 'at'>[]; readonly choices: Choices },
    signal: AbortSignal,
  ): Promise<{ readonly result: CompleteResult; readonly preparedAtMs: number }> {
    const { uri, languageId, before, after } = text;
    for (const offer of offers) this.#otherFiles.offer({ ...offer, at: systemClock.date().toISOString() });
    const above = before.slice(0, before.lastIndexOf('\n') + 1);
    this.#documents.open({ uri, languageId, version: 1, text: above + after });
    await this.#otherFiles.prepare(uri, endPosition(above), signal);
    const preparedAtMs = systemClock.now();
    return { result: await this.#completeIn(uri, text, choices, signal), preparedAtMs };
  }

  async #completeIn(
    uri: string,
    { before, after, languageId }: CursorText,
    choices: Choices,
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    this.#requests += 1;
    const requestId = `row-${this.#requests}`;
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
