import { LatestEntries } from '../../protocol/latestEntries.ts';
import type { ContextOffer, DocumentPosition } from '../../protocol/messages.ts';
import type { DocumentStore } from '../documents/documentStore.ts';
import type { Model, TokenId } from '../engine/engine.ts';
import { KeptChunks } from '../otherFiles/keptChunks.ts';
import { codeChunks } from '../otherFiles/codeChunks.ts';
import { type ChosenChunk, chooseContext, type ContextPlace } from '../otherFiles/contextChoice.ts';
import { isUsedScheme, promptPath, repositoryName } from '../otherFiles/filePath.ts';
import type { Clock } from '../process/clock.ts';
import { emptyFront, type InfillFront, infillFront } from '../prompts/infillFront.ts';
import { completionPrompt, windowLimits } from './completionPrompt.ts';
import { cursorContext } from './cursorContext.ts';
import type { PromptReading } from './promptReading.ts';

export interface OtherFilesDependencies {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  /** Whether parts of other files are wanted, and a model is there to read them. */
  readonly isOn: () => boolean;
  /** Whether no request is under way, which reading in advance would slow down. */
  readonly isIdle: () => boolean;
  readonly workspaceUri: () => string | null;
  /** Whether the client offers parts itself; none are taken from open documents then. */
  readonly clientOffers: () => boolean;
  /** Stays loaded until it is released. */
  readonly acquireModel: (
    signal: AbortSignal,
  ) => Promise<{ readonly model: Model; readonly release: () => void }>;
  readonly maxTokens: () => number;
  /** What is known of how prompts are read. */
  readonly reading: Pick<PromptReading, 'noteAtRest' | 'tokensAtRest'>;
  readonly log: (line: string) => void;
}

/** Nothing is read until nobody has asked for so long; a file just opened is read sooner. */
const restMs = { afterRequest: 1_500, afterOpening: 300 };
/** How far the cursor goes until other parts may suit it better: a new choice has the whole prompt read anew. */
const jumpLines = 40;
/** Characters of a token, for a first guess at how much fits. */
const charsPerToken = 2.8;
/** What is left of the characters when what was chosen takes too many tokens. */
const shrinking = 0.8;
/** How long parts of other files may take to read while nobody types. */
const restReadMs = 1000;
/**
 * Tokens that are read however slow the machine is, and before anything was measured: fewer hold next to nothing, and a key
 * stops the reading anyway.
 */
const leastTokens = 256;
/** Share of the context at most, for parts of other files. */
const contextShare = 1 / 4;

/** Documents whose choice is kept. */
const mostFronts = 32;

/** What was chosen for a document, where and when. */
interface Front {
  readonly front: InfillFront;
  readonly chosen: readonly ChosenChunk[];
  readonly line: number;
  readonly atMs: number;
}

/** Where the next request may come. */
interface NextPlace {
  readonly uri: string;
  readonly position: DocumentPosition;
}

/**
 * Parts of other files before a completion's prompt. They are chosen and read while nobody types, one choice for each document,
 * and stay the same until the cursor goes far: what is before the prompt keeps its cells. A key never waits for them: it stops
 * the reading, and its request takes what was read before.
 */
export class OtherFiles {
  readonly #dependencies: OtherFilesDependencies;
  readonly #kept = new KeptChunks();
  readonly #fronts = new WeakMap<Model, Map<string, Front>>();
  /** Versions of open documents that parts were taken from. */
  readonly #cut = new Map<string, number>();
  /** When a declaration was offered last: what was chosen before may lack it. */
  #declaredMs = -Infinity;
  #next: NextPlace | null = null;
  #callOff: () => void = () => undefined;
  #reading: AbortController | null = null;

  constructor(dependencies: OtherFilesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Takes a part that a client has come upon. Parts of untrusted schemes are left out. */
  offer(offer: ContextOffer): void {
    if (!isUsedScheme(offer.uri)) return;
    const { clock } = this.#dependencies;
    const ageMs = clock.date().getTime() - new Date(offer.at).getTime();
    this.#kept.add(offer, clock.now() - (Number.isFinite(ageMs) ? Math.max(0, ageMs) : 0));
    if (offer.reason !== 'declaration') return;
    this.#declaredMs = clock.now();
    if (this.#next !== null) this.#wait(restMs.afterRequest, this.#next);
  }

  /** A document was opened, whose first completion is to have what it needs. */
  opened(uri: string): void {
    this.#wait(restMs.afterOpening, { uri, position: { line: 0, character: 0 } });
  }

  /** A model is there: what was opened while it was loaded can be read. */
  modelReady(): void {
    if (this.#next !== null) this.#wait(restMs.afterOpening, this.#next);
  }

  closed(uri: string): void {
    this.#cut.delete(uri);
    if (this.#next?.uri === uri) this.#next = null;
  }

  /** A request begins: whatever is being read makes way for it. */
  began(): void {
    this.#callOff();
    this.#reading?.abort();
  }

  /** A request has ended at a place, where the next one may come. */
  ended(uri: string, position: DocumentPosition): void {
    this.#wait(restMs.afterRequest, { uri, position });
  }

  /** What was read for a document. Empty until something was. */
  frontOf(model: Model, uri: string): InfillFront {
    return this.#isOn(uri) ? (this.#fronts.get(model)?.get(uri)?.front ?? emptyFront) : emptyFront;
  }

  /**
   * Chooses parts for a place in a document and reads them, with the prompt that comes next there. Throws `document.unknown`,
   * `cancelled` and what the model throws; what was chosen before stays then.
   */
  async prepare(uri: string, position: DocumentPosition, signal: AbortSignal): Promise<void> {
    const lease = await this.#dependencies.acquireModel(signal);
    try {
      await this.#prepareFor(lease.model, { uri, position }, signal);
    } finally {
      lease.release();
    }
  }

  #isOn(uri: string): boolean {
    return this.#dependencies.isOn() && isUsedScheme(uri);
  }

  #wait(delayMs: number, next: NextPlace): void {
    this.#callOff();
    this.#next = next;
    if (!this.#isOn(next.uri)) return;
    const { clock, isIdle } = this.#dependencies;
    this.#callOff = clock.after(delayMs, () => {
      if (isIdle()) void this.#readAtRest(next);
      // A question is being answered.
      else this.#wait(restMs.afterRequest, next);
    });
  }

  /** Never rejects: what cannot be read in advance is left out, and what is wrong shows in the next request. */
  async #readAtRest({ uri, position }: NextPlace): Promise<void> {
    if (!this.#isOn(uri)) return;
    // The place that was read for is not the next one any more.
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    try {
      await this.prepare(uri, position, reading.signal);
    } catch {
      // The document was closed, a key came, or the model went.
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }

  async #prepareFor(model: Model, { uri, position }: NextPlace, signal: AbortSignal): Promise<void> {
    if ((model.info.infill?.files ?? null) === null) return;
    const fronts = this.#fronts.get(model) ?? new LatestEntries<string, Front>(mostFronts);
    this.#fronts.set(model, fronts);
    const before = fronts.get(uri);
    if (before !== undefined && this.#stillSuits(before, position.line)) return;
    const { documents, clock, maxTokens } = this.#dependencies;
    this.#takeFromDocuments();
    const document = documents.get(uri);
    const [text, offset] = [document.getText(), document.offsetAt(position)];
    const budget = Math.floor(
      Math.min(
        Math.max(leastTokens, this.#dependencies.reading.tokensAtRest(model, restReadMs)),
        model.info.contextTokens * contextShare,
      ),
    );
    const place = { uri, text, offset, nowMs: clock.now() };
    const { front, chosen } = await this.#fit(model, place, budget);
    const made = { line: position.line, atMs: place.nowMs };
    if (isSame(chosen, before?.chosen ?? [])) {
      fronts.set(uri, { front: emptyFront, chosen, ...before, ...made });
      return;
    }
    const cursor = cursorContext(text, offset, windowLimits);
    const prompt = await completionPrompt(model, cursor, { maxTokens: maxTokens(), front });
    await this.#read(model, { prompt, front }, signal);
    fronts.set(uri, { front, chosen, ...made });
  }

  /** Reads a prompt with its parts of other files into the cache. */
  async #read(
    model: Model,
    { prompt, front }: { readonly prompt: readonly TokenId[]; readonly front: InfillFront },
    signal: AbortSignal,
  ): Promise<void> {
    const sequence = await model.openSequence({ priority: 'background', requestClass: 'completion' }, signal);
    try {
      const prefill = await sequence.append(prompt, signal);
      signal.throwIfAborted();
      this.#dependencies.reading.noteAtRest(model, prompt, prefill);
      const { tokenCount, cachedTokenCount, durationMs } = prefill;
      this.#dependencies.log(
        `other files: ${front.before.length + front.insidePrefix.length} tokens before the prompt; read ${tokenCount - cachedTokenCount} in ${Math.round(durationMs)} ms`,
      );
    } finally {
      await sequence.dispose();
    }
  }

  #stillSuits({ chosen, line, atMs }: Front, now: number): boolean {
    return chosen.length > 0 && !isFar(line, now) && atMs >= this.#declaredMs;
  }

  /** Chooses what fits so many tokens: less, as long as what was chosen takes more. */
  async #fit(model: Model, place: ContextPlace, budget: number): Promise<Pick<Front, 'front' | 'chosen'>> {
    const workspaceUri = this.#dependencies.workspaceUri();
    const ownPath = promptPath(place.uri, workspaceUri);
    const repository = repositoryName(workspaceUri);
    let chars = budget * charsPerToken;
    for (;;) {
      const chosen = chooseContext(this.#kept.chunks, place, chars);
      const files = chosen.map(({ uri, text }) => ({ path: promptPath(uri, workspaceUri), text }));
      const front = await infillFront(model, { repository, files, ownPath });
      if (front.before.length + front.insidePrefix.length <= budget) return { front, chosen };
      chars *= shrinking;
    }
  }

  /** Cuts the open documents into parts where the client offers none itself. */
  #takeFromDocuments(): void {
    const { documents, clock, clientOffers } = this.#dependencies;
    if (clientOffers()) return;
    for (const document of documents.all()) {
      const { uri, version } = document;
      if (!isUsedScheme(uri) || this.#cut.get(uri) === version) continue;
      this.#cut.set(uri, version);
      this.#kept.forget(uri);
      const at = clock.date().toISOString();
      for (const { text, range } of codeChunks(document.getText().slice(0, mostDocumentChars)))
        this.#kept.add({ uri, version, range, text, reason: 'opened', at }, clock.now());
    }
  }
}

/** Characters taken of one open document. */
const mostDocumentChars = 65_536;

function isFar(before: number, now: number): boolean {
  return Math.abs(before - now) > jumpLines;
}

function isSame(chunks: readonly ChosenChunk[], others: readonly ChosenChunk[]): boolean {
  return chunks.length === others.length && chunks.every(({ text }, index) => text === others[index]?.text);
}
