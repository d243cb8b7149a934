import { counted } from '../../protocol/counted.ts';
import type { ContextChip, EditOffer } from '../../protocol/panelMessages.ts';

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

/** What goes along with a question by itself: the code that it is about. */
const givenByThemselves: readonly ContextChip['kind'][] = ['selection'];

/**
 * What goes along with the next question, and what could: selected code goes along by itself; the file around it and its
 * problems only where the user says so, since they take time to read. A selection that has changed is one that nothing was
 * decided about. Pure.
 */
export function contextChips(
  place: ContextPlace | null,
  { given, files }: ContextChoices,
  byThemselves = givenByThemselves,
): readonly ContextChip[] {
  const chip = (chip: Omit<ContextChip, 'isGiven'>): ContextChip => ({
    ...chip,
    isGiven: given.get(chip.id) ?? byThemselves.includes(chip.kind),
  });
  const named = files.map((path) => fileChip(path, true));
  if (place === null) return named;
  const { uri, path, selectedLines, problemCount } = place;
  const name = baseName(path);
  const chips: ContextChip[] = [];
  if (selectedLines !== null) {
    const { first, last } = selectedLines;
    const lines = first === last ? `${first}` : `${first}-${last}`;
    const title = `What is selected in ${path}, line ${lines}`;
    chips.push(
      chip({ id: `selection ${uri}:${lines}`, kind: 'selection', label: `${name}:${lines}`, title }),
    );
  }
  if (!files.includes(path)) {
    chips.push(chip({ id: `file ${uri}`, kind: 'file', label: name, title: `The whole of ${path}` }));
  }
  if (problemCount > 0) {
    const label = counted(problemCount, 'problem');
    const title = `Errors and warnings of ${path}`;
    chips.push(chip({ id: `problems ${uri}`, kind: 'problems', label, title }));
  }
  return [...chips, ...named];
}

/**
 * What goes along with an edit beside its lines, and what could. What the editor reports about these lines goes along by itself.
 * Pure.
 */
export function editChips(
  place: Omit<ContextPlace, 'selectedLines'>,
  choices: ContextChoices,
): readonly ContextChip[] {
  const chips = contextChips({ ...place, selectedLines: null }, choices, ['problems']);
  return chips.map((chip) =>
    chip.kind === 'problems'
      ? { ...chip, title: `What is reported about these lines of ${place.path}` }
      : chip,
  );
}

/**
 * What an edit that is asked in the panel may change: what is selected, with the problems of these lines alone in the place;
 * else the function at the cursor, which is looked for once the edit is asked. Pure.
 */
export function editOffer(place: ContextPlace, choices: ContextChoices): EditOffer {
  const { path, selectedLines } = place;
  const name = baseName(path);
  const chips = editChips(place, choices);
  if (selectedLines !== null) return { place: `${linesInWords(selectedLines)} of ${name}`, chips };
  const uncounted = {
    label: 'problems',
    title: `What is reported about the lines of ${path} that may change`,
  };
  return {
    place: `the function at the cursor in ${name}`,
    chips: chips.map((chip) => (chip.kind === 'problems' ? { ...chip, ...uncounted } : chip)),
  };
}

/** Lines as they are named to a user. Both count from 1. Pure. */
export function linesInWords({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

/** A file of the workspace that was named. Pure. */
export function fileChip(path: string, isGiven: boolean): ContextChip {
  return { id: `#${path}`, kind: 'file', label: baseName(path), title: path, isGiven };
}

/** One row of a box with what goes along below its text. */
export type ContextRow = { readonly label: string; readonly description: string } & (
  | { readonly type: 'send' }
  | { readonly type: 'chip'; readonly chip: ContextChip }
  /** A file that was found for what is typed last. */
  | { readonly type: 'file'; readonly path: string }
);

/** The rows of a box: first the one that sends the text, then what goes along with it, and what could. Pure. */
export function contextRows(
  send: Pick<ContextRow, 'label' | 'description'>,
  chips: readonly ContextChip[],
  found: readonly string[],
): readonly ContextRow[] {
  const chipRows = chips.map((chip): ContextRow => {
    const { label, title, isGiven } = chip;
    // What a row does comes first: a long title is cut at its end.
    return isGiven
      ? { type: 'chip', chip, label: `$(check) ${label}`, description: `Leave it out. ${title} goes along.` }
      : { type: 'chip', chip, label: `$(add) ${label}`, description: `Add it. ${title} could go along.` };
  });
  const isNew = (path: string): boolean => !chips.some(({ id }) => id === `#${path}`);
  const fileRows = found
    .filter(isNew)
    .map((path): ContextRow => ({ type: 'file', path, label: `$(file) #${path}`, description: 'Add it.' }));
  return [{ type: 'send', ...send }, ...chipRows, ...fileRows];
}

/** The part of a path that a text ends with after a `#`; null where it ends otherwise. Pure. */
export function typedMention(text: string): string | null {
  return /(?<!\S)#([\w@./+-]*[\w+-])$/u.exec(text)?.[1] ?? null;
}

/** A text that ends with a part of a path, with the whole of it there. Pure. */
export function completedMention(text: string, path: string): string {
  const query = typedMention(text);
  return query === null ? text : `${text.slice(0, -query.length)}${path} `;
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
