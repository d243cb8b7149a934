import { counted } from '../../protocol/counted.ts';
import type { ContextChip } from '../../protocol/panelMessages.ts';

/** Where the cursor of the editor that was used last is. */
export interface ContextPlace {
  readonly uri: string;
  /** As the workspace names it. */
  readonly path: string;
  /** Counted from 1; null where nothing is selected. */
  readonly selectedLines: { readonly first: number; readonly last: number } | null;
  /** Errors and warnings of the file. */
  readonly problemCount: number;
}

/** What the user decided about chips, by id, and the files that were named. */
export interface ContextChoices {
  readonly given: ReadonlyMap<ContextChip['id'], boolean>;
  readonly files: readonly string[];
}

/**
 * What goes along with the next question, and what could: selected code goes along by itself; the file around it and its
 * problems only where the user says so, since they take time to read. A selection that has changed is one that nothing was
 * decided about. Pure.
 */
export function contextChips(
  place: ContextPlace | null,
  { given, files }: ContextChoices,
): readonly ContextChip[] {
  const chip = (chip: Omit<ContextChip, 'isGiven'>, isGivenByItself: boolean): ContextChip => ({
    ...chip,
    isGiven: given.get(chip.id) ?? isGivenByItself,
  });
  const named = files.map((path): ContextChip => {
    return { id: `#${path}`, kind: 'file', label: baseName(path), title: path, isGiven: true };
  });
  if (place === null) return named;
  const { uri, path, selectedLines, problemCount } = place;
  const name = baseName(path);
  const chips: ContextChip[] = [];
  if (selectedLines !== null) {
    const { first, last } = selectedLines;
    const lines = first === last ? `${first}` : `${first}-${last}`;
    const title = `What is selected in ${path}, line ${lines}`;
    chips.push(
      chip({ id: `selection ${uri}:${lines}`, kind: 'selection', label: `${name}:${lines}`, title }, true),
    );
  }
  if (!files.includes(path)) {
    chips.push(chip({ id: `file ${uri}`, kind: 'file', label: name, title: `The whole of ${path}` }, false));
  }
  if (problemCount > 0) {
    const label = counted(problemCount, 'problem');
    const title = `Errors and warnings of ${path}`;
    chips.push(chip({ id: `problems ${uri}`, kind: 'problems', label, title }, false));
  }
  return [...chips, ...named];
}

/** The chips that go along, in words; '' for none. Pure. */
export function givenWords(chips: readonly ContextChip[]): string {
  return chips
    .filter(({ isGiven }) => isGiven)
    .map(({ label }) => label)
    .join(', ');
}

/** Paths that a question names by `#path`, once each. Pure. */
export function namedFiles(question: string): readonly string[] {
  const paths = [...question.matchAll(/(?<!\S)#([\w@./+-]*[\w+-])/gu)].flatMap(([, path]) => path ?? []);
  return [...new Set(paths)].filter((path) => !path.split('/').includes('..'));
}

/** Found paths with those first whose file names begin with what was typed, then shorter ones. Pure. */
export function rankedPaths(paths: readonly string[], query: string): readonly string[] {
  const typed = query.toLowerCase();
  const distance = (path: string): number => {
    if (baseName(path).toLowerCase().startsWith(typed)) return 0;
    return path.toLowerCase().startsWith(typed) ? 1 : 2;
  };
  return paths.toSorted((a, b) => distance(a) - distance(b) || a.length - b.length || a.localeCompare(b));
}

/** A pattern that finds files with what was typed in their paths, in either case. Pure. */
export function searchPattern(query: string): string {
  const anyCase = (part: string): string =>
    part.replace(/[^\w.-]|[a-z]/giu, (letter) =>
      /[a-z]/iu.test(letter) ? `[${letter.toLowerCase()}${letter.toUpperCase()}]` : '?',
    );
  return `**/${query
    .split('/')
    .map((part) => `*${anyCase(part)}*`)
    .join('/')}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
