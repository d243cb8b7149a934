import { bm25Scores } from './bm25.ts';
import type { KeptChunk } from './keptChunks.ts';
import { folderOf, moduleName } from './filePath.ts';
import { identifierTerms } from './identifierTerms.ts';
import { shortenedChunk } from './shortenedChunk.ts';

/** Where parts of other files are wanted. */
export interface ContextPlace {
  readonly uri: string;
  /** All of the document, of which the imports are read. */
  readonly text: string;
  /** UTF-16 offset of the cursor. */
  readonly offset: number;
  /** By the clock of the parts' `atMs`, in milliseconds. */
  readonly nowMs: number;
}

/** Characters around the cursor whose identifiers are searched for. */
const around = { before: 1_500, after: 500 };
/** After which half of a part's claim to have been looked at just now is gone. */
const recencyHalfMs = 5 * 60_000;
/** What counts beside the best match of identifiers, which counts 1. */
const weights = { recency: 0.2, sameFolder: 0.1, imported: 0.4, declaration: 0.4 };
/** Share of the best match that a part of a file that is not imported has to reach: others say nothing of the place. */
const leastMatch = 0.4;
/** Characters of a path and the marks around it, which a file takes from the budget. */
const pathChars = 40;

interface Ranked {
  readonly chunk: KeptChunk;
  readonly score: number;
}

/** What goes before a prompt of one file. */
export interface ChosenChunk {
  readonly uri: string;
  /** Its parts, each whole or what is left of it where that did not fit. */
  readonly text: string;
}

/** Fewer characters of a part that does not fit say too little. */
const leastShortened = 16;
/** What one part may take at first, so that several fit: its signature rather than all of it. */
const firstShare = { chars: 200, ofBudget: 1 / 4 };

/**
 * The parts that go before a prompt, the best one last, next to the cursor's file. Ranked by BM25 over the identifiers around
 * the cursor, by how lately they were looked at, by folder, by imports and by what the editor found as declarations of imported
 * names. They have `budgetChars` characters together: first signatures of as many as fit, then all of the best ones. Parts of
 * the document itself are left out. Pure.
 */
export function chooseContext(
  chunks: readonly KeptChunk[],
  place: ContextPlace,
  budgetChars: number,
): readonly ChosenChunk[] {
  const others = chunks.filter(({ uri }) => uri !== place.uri);
  const share = Math.max(firstShare.chars, budgetChars * firstShare.ofBudget);
  const chosen: { readonly chunk: KeptChunk; text: string }[] = [];
  let left = budgetChars;
  for (const { chunk, score } of rank(others, place)) {
    const overhead = chosen.some((other) => other.chunk.uri === chunk.uri) ? 1 : pathChars;
    if (score === 0 || left < leastShortened) break;
    const text = shortenedChunk(chunk.text, Math.min(left - overhead, share));
    if (text.length < Math.min(chunk.text.length, leastShortened)) continue;
    chosen.push({ chunk, text });
    left -= text.length + overhead;
  }
  for (const entry of chosen) {
    const longer = shortenedChunk(entry.chunk.text, entry.text.length + left);
    if (longer.length <= entry.text.length) continue;
    left -= longer.length - entry.text.length;
    entry.text = longer;
  }
  return byFile(chosen);
}

/** Parts of one file together, in the order of its lines; the file with the best part last. */
function byFile(
  parts: readonly { readonly chunk: KeptChunk; readonly text: string }[],
): readonly ChosenChunk[] {
  const files = [...new Set(parts.map(({ chunk }) => chunk.uri))].reverse();
  return files.map((uri) => ({
    uri,
    text: parts
      .filter(({ chunk }) => chunk.uri === uri)
      .sort((a, b) => a.chunk.range.start.line - b.chunk.range.start.line)
      .map(({ text }) => text)
      .join('\n'),
  }));
}

function rank(chunks: readonly KeptChunk[], place: ContextPlace): readonly Ranked[] {
  const { text, offset, uri, nowMs } = place;
  const near = text.slice(Math.max(0, offset - around.before), offset + around.after);
  const matches = bm25Scores(chunks, identifierTerms(near));
  const best = Math.max(...matches, Number.MIN_VALUE);
  const imported = importedModules(text);
  const folder = folderOf(uri);
  return chunks
    .map((chunk, index) => {
      const match = (matches[index] ?? 0) / best;
      const isImported = imported.has(moduleName(chunk.uri));
      const isDeclared = isImported && chunk.reason === 'declaration';
      // What shares few identifiers with the place is of no use to it, however new it is.
      if (match < (isImported ? Number.MIN_VALUE : leastMatch) && !isDeclared) return { chunk, score: 0 };
      const age = Math.max(0, nowMs - chunk.atMs);
      const score =
        match +
        weights.recency * 2 ** (-age / recencyHalfMs) +
        (folderOf(chunk.uri) === folder ? weights.sameFolder : 0) +
        (isImported ? weights.imported : 0) +
        (isDeclared ? weights.declaration : 0);
      return { chunk, score };
    })
    .sort((a, b) => b.score - a.score);
}

const importForms: readonly RegExp[] = [
  // JavaScript and TypeScript; CSS and Dart write the same.
  /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"\n]+)['"]/g,
  // Python.
  /^\s*from\s+([\w.]+)\s+import\b/gm,
  /^\s*import\s+([\w.]+)\s*(?:$|as\b|,)(?!.*\bfrom\b)/gm,
  // C and C++.
  /^\s*#\s*include\s*["<]([^">\n]+)[">]/gm,
  // Rust, Java, Go in a block.
  /^\s*(?:use|import)\s+(?:static\s+)?([\w:.]+)\s*;/gm,
  /^\s*"([\w./-]+)"\s*$/gm,
];

/** Names of the modules that a text imports: the last part of each path, without extension. Pure. */
export function importedModules(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const form of importForms) {
    for (const match of text.matchAll(form)) {
      const path = match[1] ?? '';
      const isFile = path.includes('/') || /\.(?:[cm]?[jt]sx?|h|hpp|hh)$/.test(path);
      names.add(isFile ? moduleName(path) : (path.split(/::|\./).at(-1) ?? path));
    }
  }
  return names;
}
