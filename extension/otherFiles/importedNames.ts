/** Where a name is imported, to ask the editor for its definition. Zero-based, UTF-16 columns. */
export interface ImportedName {
  readonly name: string;
  readonly line: number;
  readonly character: number;
}

/** Lines from the top that are looked at. */
export const importLines = 120;
/** Names that are asked about. */
const mostNames = 24;

/** Forms of import statements by what surrounds the list of names; each may go over several lines. */
const forms: readonly RegExp[] = [
  // JavaScript and TypeScript: `import a, { b, type C as D } from 'x'`.
  /^import\s+(?:type\s+)?([\w$\s{},*]+?)\s*from\s*['"]/dgm,
  // CommonJS: `const { a, b } = require('x')`.
  /^\s*(?:const|let|var)\s+(\{[^}]*\}|[\w$]+)\s*=\s*require\(/dgm,
  // Python: `from x import a, b as c` and `from x import (a, b)`.
  /^\s*from\s+[\w.]+\s+import\s+(\([^)]*\)|[^\n#]+)/dgm,
  // Rust: `use a::b::{C, d};`.
  /^\s*(?:pub\s+)?use\s+([\w:{},\s*]+);/dgm,
  // Java, Kotlin, Scala, C#: `import a.b.C;`.
  /^\s*import\s+(?:static\s+)?([\w.]+);?\s*$/dgm,
];
const keywords = new Set(['as', 'type', 'import', 'from', 'self', 'crate', 'super', 'default']);

/** Names that the imports of a text bring in, each once, in the order of the text. Pure. */
export function importedNames(text: string): readonly ImportedName[] {
  const head = text.split('\n', importLines).join('\n');
  const found = new Map<string, number>();
  for (const form of forms) {
    for (const match of head.matchAll(form)) {
      const [start, end] = match.indices?.[1] ?? [0, 0];
      for (const name of head.slice(start, end).matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
        if (!keywords.has(name[0]) && !found.has(name[0])) found.set(name[0], start + name.index);
      }
    }
  }
  return [...found]
    .sort(([, a], [, b]) => a - b)
    .slice(0, mostNames)
    .map(([name, offset]) => placeOf(head, name, offset));
}

function placeOf(text: string, name: string, offset: number): ImportedName {
  const before = text.slice(0, offset).split('\n');
  return { name, line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
