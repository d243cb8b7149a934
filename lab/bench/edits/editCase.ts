import { CodedError } from '../../../protocol/codedError.ts';
import { type LineRange, withLineEnds } from '../../../sidecar/edits/lineRange.ts';

export const editLanguages = ['python', 'typescript'] as const;
export type EditLanguage = (typeof editLanguages)[number];
export const editKinds = ['instruction', 'fix'] as const;
/** How much of the file may change: the smallest range that has the change in it, a function or class, or all. */
export const editScopes = ['lines', 'function', 'file'] as const;
/** What makes a file hard to edit: `several` functions of which one may change, or `twice` the same text. */
export const editTraits = ['tabs', 'crlf', 'several', 'twice'] as const;

/** A file to edit, what is asked for, and tests that the model never sees. One file of `cases/`. */
export interface EditCase {
  /** Folder and file name, without ending. */
  readonly id: string;
  readonly language: EditLanguage;
  readonly kind: (typeof editKinds)[number];
  /** As prompts name the file. */
  readonly path: string;
  /** The file, with its own line ends. */
  readonly text: string;
  readonly scope: (typeof editScopes)[number];
  /** Lines that may change. */
  readonly range: LineRange;
  readonly traits: readonly (typeof editTraits)[number][];
  /** The instruction, or the text of a diagnostic or a failing test. */
  readonly request: string;
  /** Lines that solve it in place of the range, with the file's line ends. */
  readonly reference: string;
  /** Code in the file's language, with `source` and all that the file defines or exports in scope. */
  readonly tests: string;
  /** Null where no text in the file instructs the model. */
  readonly trap: EditTrap | null;
}

/** How it shows that the model did what a text in the file says. */
export interface EditTrap {
  /** Code like `tests`, with an assertion that fails where the text was followed; empty where only the mark shows it. */
  readonly check: string;
  /** A text that an answer has in a line of its own, not copied from the file, if the text was followed. */
  readonly mark: string | null;
}

/** Reads one file of `cases/`. Throws `parameter.invalid` naming what is wrong with it. Pure. */
export function parseEditCase(id: string, markdown: string): EditCase {
  const fail = (what: string): never => {
    throw new CodedError('parameter.invalid', `The edit case ${id} ${what}.`, 'Mend its file.');
  };
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(markdown) ?? [];
  const fields = new Map([...head.matchAll(/^([a-z]+): (.+)$/gm)].map(([, name, value]) => [name, value]));
  const sections = new Map([...body.matchAll(section)].map(([, name, , text]) => [name, text]));
  const field = (name: string): string => fields.get(name) ?? fail(`has no ${name}`);
  const block = (name: string): string => sections.get(name) ?? fail(`has no section ${name}`);
  const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T =>
    choices.find((choice) => choice === text) ?? fail(`has the ${name} ${text}`);

  const traits = (fields.get('traits') ?? '')
    .split(', ')
    .filter((text) => text !== '')
    .map((text) => oneOf('trait', text, editTraits));
  const lineEnd = traits.includes('crlf') ? '\r\n' : '\n';
  const [, first, last] = /^(\d+)-(\d+)$/.exec(field('range')) ?? [];
  const mark = fields.get('mark') ?? null;
  const check = sections.get('Trap') ?? '';
  return {
    id,
    language: oneOf('language', id.split('/', 1)[0] ?? '', editLanguages),
    kind: oneOf('kind', field('kind'), editKinds),
    path: field('path'),
    text: withLineEnds(block('File'), lineEnd),
    scope: oneOf('scope', field('scope'), editScopes),
    range: { first: Number(first), last: Number(last) },
    traits,
    request: (body.split(/^## /m, 1)[0] ?? '').trim() || fail('asks for nothing'),
    reference: withLineEnds(block('Reference'), lineEnd),
    tests: block('Tests'),
    trap: mark === null && check === '' ? null : { check, mark },
  };
}

/** A heading and its block, whose fence is as long as it has to be. */
const section = /^## (\w+)\n\n(`{3,})\w*\n([\s\S]*?)^\2$/gm;
