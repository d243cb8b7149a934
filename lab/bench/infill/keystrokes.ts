import type { CursorText } from './infillPipeline.ts';

/** What somebody does in an editor between two completions. */
export const keystrokes = [
  'jump',
  'key in the line',
  'auto-closed pair',
  'type-over',
  'Enter',
  'arrow down',
  'arrow up',
] as const;
export type Keystroke = (typeof keystrokes)[number];

/** A document as a keystroke leaves it. */
export interface KeystrokePlace extends Omit<CursorText, 'languageId'> {
  /** Null for a step that only leads to the next one. */
  readonly kind: Keystroke | null;
}

/** Keys at the end of the line that are typed one by one. */
const typedKeys = 6;

/**
 * Somebody jumps into a line, types its end, a pair of brackets that the editor closes, and a new line; then goes down and up
 * in the file as it was. `line` counts from 0.
 */
export function keystrokesAt(text: string, line: number): readonly KeystrokePlace[] {
  const lines = text.split('\n');
  const own = lines[line] ?? '';
  const above = lines.slice(0, line).join('\n') + (line > 0 ? '\n' : '');
  const below = lines
    .slice(line + 1)
    .map((each) => `\n${each}`)
    .join('');
  const typed = Math.max(0, own.length - typedKeys);
  const indentation = /^\s*/.exec(own)?.[0] ?? '';
  const endOf = (index: number): Omit<KeystrokePlace, 'kind'> => ({
    before: lines.slice(0, index + 1).join('\n'),
    after: `\n${lines.slice(index + 1).join('\n')}`,
  });
  const keys = Array.from({ length: own.length - typed }, (_, key) => typed + key + 1);
  return [
    { kind: 'jump', before: above + own.slice(0, typed), after: below },
    ...keys.map((end) => ({
      kind: 'key in the line' as const,
      before: above + own.slice(0, end),
      after: below,
    })),
    { kind: 'auto-closed pair', before: `${above}${own}(`, after: `)${below}` },
    { kind: 'type-over', before: `${above}${own}()`, after: below },
    { kind: 'Enter', before: `${above}${own}()\n${indentation}`, after: below },
    { kind: null, ...endOf(line) },
    { kind: 'arrow down', ...endOf(line + 1) },
    { kind: null, ...endOf(line) },
    { kind: 'arrow up', ...endOf(line - 1) },
  ];
}
