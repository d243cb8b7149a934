import type { ContextOffer } from '../../protocol/messages.ts';
import { mostPartChars } from '../../protocol/offeredPart.ts';
import { identifiersIn, identifierTerms, termCounts } from './identifierTerms.ts';
import type { TermDocument } from './bm25.ts';

/** A part of a file that may go before a prompt. */
export interface KeptChunk extends TermDocument {
  readonly uri: string;
  readonly range: ContextOffer['range'];
  readonly text: string;
  /** `declaration`, too, of a newer part that has the line where the declaration begins. */
  readonly reason: ContextOffer['reason'];
  /** When it was come upon, in milliseconds of the sidecar's monotonic clock; below 0 if that was before its start. */
  readonly atMs: number;
}

/** Parts that are kept: what was looked at last. */
const mostChunks = 256;
/** Identifiers in a row that are compared. */
const shingleLength = 4;
/** Rows of a part that are compared at most: bounds what a part costs. */
const mostShingles = 32;
/** Two parts are the same when so many rows of the smaller one are in the other. */
const sameShare = 0.7;

/** A part as it was offered; its terms are counted when a choice asks for them, and most are forgotten before. */
class Entry implements KeptChunk {
  readonly uri: string;
  readonly range: ContextOffer['range'];
  readonly reason: ContextOffer['reason'];
  readonly text: string;
  readonly atMs: number;
  readonly shingles: readonly number[];
  /** Line where the declaration begins that the editor has found in it, zero-based; null where it has none. */
  readonly declaredLine: number | null;
  #terms: { readonly counts: ReadonlyMap<string, number>; readonly length: number } | null = null;

  constructor(
    { uri, range, text, reason, atMs }: Omit<KeptChunk, keyof TermDocument>,
    declaredLine: number | null,
    shingles = shinglesOf(text),
  ) {
    this.uri = uri;
    this.range = range;
    this.reason = declaredLine === null ? reason : 'declaration';
    this.text = text;
    this.atMs = atMs;
    this.shingles = shingles;
    this.declaredLine = declaredLine;
  }

  get terms(): ReadonlyMap<string, number> {
    return this.#counted().counts;
  }

  get length(): number {
    return this.#counted().length;
  }

  #counted(): { readonly counts: ReadonlyMap<string, number>; readonly length: number } {
    if (this.#terms !== null) return this.#terms;
    const terms = identifierTerms(this.text);
    this.#terms = { counts: termCounts(terms), length: terms.length };
    return this.#terms;
  }
}

/**
 * The parts of files that were looked at last, without doubles. A part replaces one of the same file that it overlaps, and
 * one of any file that says the same: the newer one is kept. A declaration does not get lost so: a part that has its first line
 * counts as that declaration, and of another it keeps the lines outside. Costs of an offer do not grow with what is kept.
 */
export class KeptChunks {
  /** What was offered, or shortened, longest ago comes first. */
  readonly #entries = new Map<number, Entry>();
  readonly #byShingle = new Map<number, Set<number>>();
  readonly #byUri = new Map<string, Set<number>>();
  #next = 0;

  get chunks(): readonly KeptChunk[] {
    return [...this.#entries.values()];
  }

  add(offer: ContextOffer, atMs: number): void {
    const text = offer.text.slice(0, mostPartChars);
    const shingles = shinglesOf(text);
    // A part without identifiers, such as one of a table of numbers, says nothing.
    if (shingles.length === 0) return;
    const declaredLine = this.#makeRoom(offer, shingles);
    const { uri, range, reason } = offer;
    this.#put(this.#next, new Entry({ uri, range, text, reason, atMs }, declaredLine, shingles));
    this.#next += 1;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostChunks) break;
      this.#remove(oldest);
    }
  }

  /** Forgets a file, such as one that was deleted or excluded. */
  forget(uri: string): void {
    for (const id of [...(this.#byUri.get(uri) ?? [])]) this.#remove(id);
  }

  /** Takes out what a part replaces. Returns the first line of the declaration that it counts as, if any. */
  #makeRoom(offer: ContextOffer, shingles: readonly number[]): number | null {
    const { start, end } = offer.range;
    let declaredLine = offer.reason === 'declaration' ? start.line : null;
    for (const id of [...this.#overlapping(offer), ...this.#alike(shingles)]) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      this.#remove(id);
      const isElsewhere = entry.range.start.line > end.line || entry.range.end.line < start.line;
      if (entry.declaredLine === null || entry.uri !== offer.uri) continue;
      // The file has changed above it, so that it is on other lines now.
      if (isElsewhere) declaredLine ??= start.line;
      else if (entry.declaredLine < start.line)
        this.#put(id, linesOf(entry, { first: entry.range.start.line, last: start.line - 1 }));
      else if (entry.declaredLine > end.line)
        this.#put(id, linesOf(entry, { first: end.line + 1, last: entry.range.end.line }));
      else declaredLine ??= entry.declaredLine;
    }
    return declaredLine;
  }

  #put(id: number, entry: Entry): void {
    if (entry.shingles.length === 0) return;
    this.#entries.set(id, entry);
    for (const shingle of entry.shingles) addTo(this.#byShingle, shingle, id);
    addTo(this.#byUri, entry.uri, id);
  }

  #overlapping({ uri, range }: ContextOffer): readonly number[] {
    return [...(this.#byUri.get(uri) ?? [])].filter((id) => {
      const other = this.#entries.get(id)?.range;
      return other !== undefined && other.start.line <= range.end.line && range.start.line <= other.end.line;
    });
  }

  #alike(shingles: readonly number[]): readonly number[] {
    const shared = new Map<number, number>();
    for (const shingle of shingles)
      for (const id of this.#byShingle.get(shingle) ?? []) shared.set(id, (shared.get(id) ?? 0) + 1);
    return [...shared]
      .filter(([id, count]) => {
        const other = this.#entries.get(id)?.shingles.length ?? Infinity;
        return count >= sameShare * Math.min(shingles.length, other);
      })
      .map(([id]) => id);
  }

  #remove(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    for (const shingle of entry.shingles) removeFrom(this.#byShingle, shingle, id);
    removeFrom(this.#byUri, entry.uri, id);
  }
}

/** Some lines of a declaration, its first one among them. */
function linesOf(entry: Entry, { first, last }: { readonly first: number; readonly last: number }): Entry {
  const { uri, range, reason, atMs, declaredLine } = entry;
  const lines = entry.text.split(/\r\n|\n|\r/).slice(first - range.start.line, last + 1 - range.start.line);
  const start = first === range.start.line ? range.start : { line: first, character: 0 };
  const end = last === range.end.line ? range.end : { line: last, character: lines.at(-1)?.length ?? 0 };
  return new Entry({ uri, range: { start, end }, text: lines.join('\n'), reason, atMs }, declaredLine);
}

/**
 * Hashes of rows of identifiers: the smallest ones, so that two texts that share rows keep the same of them (bottom-k sketch,
 * Broder 1997). A short text is one row. Pure.
 */
export function shinglesOf(text: string): readonly number[] {
  const names = identifiersIn(text);
  if (names.length === 0) return [];
  const hashes = names.map(hashOf);
  const rows = new Set<number>();
  for (let at = 0; at < Math.max(1, names.length - shingleLength + 1); at++) rows.add(rowHash(hashes, at));
  return [...rows].sort((a, b) => a - b).slice(0, mostShingles);
}

function rowHash(hashes: readonly number[], at: number): number {
  let hash = 0;
  for (let next = at; next < at + shingleLength; next++)
    hash = Math.imul(hash ^ (hashes[next] ?? 0), 0x01000193);
  return hash >>> 2;
}

/** FNV-1a of the UTF-16 units; 30 bits of it, which engines keep without a box. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 2;
}

function addTo<K>(map: Map<K, Set<number>>, key: K, id: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([id]));
  else known.add(id);
}

function removeFrom<K>(map: Map<K, Set<number>>, key: K, id: number): void {
  const known = map.get(key);
  known?.delete(id);
  if (known?.size === 0) map.delete(key);
}
