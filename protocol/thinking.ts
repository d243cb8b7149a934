/** How much a model is to think before it answers. `auto` leaves it to the strategy: one that thinks has the model think. */
export const thinkChoices = ['auto', 'on', 'off', 'low', 'medium', 'high'] as const;
export type ThinkChoice = (typeof thinkChoices)[number];

/** Levels of thought, the least first. */
export const thinkLevels = ['low', 'medium', 'high'] as const;
export type ThinkLevel = (typeof thinkLevels)[number];

/** Forms of thought that are known, and what puts one in their place: `none` for a model that is to count as one without. */
export const thinkingForms = [
  'think',
  'thinking',
  'seedThink',
  'minimaxThink',
  'mistralThink',
  'cohereThinking',
  'gemmaChannel',
  'harmony',
] as const;
export type ThinkingForm = (typeof thinkingForms)[number];
export const thinkingFormChoices = ['auto', 'none', ...thinkingForms] as const;
export type ThinkingFormChoice = (typeof thinkingFormChoices)[number];

/** What separates a model's thought from its answer, and what is written where a thought is opened, closed or continued. */
export interface ThinkingMarkers {
  /** Opens a thought. Written with control tokens, as are `closing` and `skipping`. */
  readonly open: string;
  /** What ends a thought where the model writes it. */
  readonly close: string;
  /** Closes a thought from outside; ends with `close`, white space apart. */
  readonly closing: string;
  /** Goes where a thought would open, and leaves it out. */
  readonly skipping: string;
  /** Goes in the place of `close`, so that the thought goes on (arXiv 2501.19393). */
  readonly continuation: string;
}

/** How a chat template has a thought switched on and off: by a variable, or by a word in the system message. */
export type ThinkingSwitch =
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly on: boolean | string;
      readonly off: boolean | string;
    }
  | { readonly kind: 'word'; readonly on: string; readonly off: string };

/** How a model thinks, as its chat template has it. */
export interface ThinkingFormat extends ThinkingMarkers {
  readonly form: ThinkingForm;
  /** Null where the template has none; the markers open, close and leave out a thought all the same. */
  readonly switch: ThinkingSwitch | null;
  /** Levels that the template passes on, and the variable that takes them; null where it knows none. */
  readonly efforts: { readonly variable: string; readonly levels: readonly ThinkLevel[] } | null;
  /** Whether earlier turns of a conversation go without their thoughts. */
  readonly dropsEarlier: boolean;
}

/** A thought without the marker that its model closed it with. Pure. */
export function withoutClosing(
  thought: string,
  markers: readonly Pick<ThinkingMarkers, 'close' | 'closing'>[],
): string {
  const trimmed = thought.trimEnd();
  for (const { close, closing } of markers) {
    const ending = [closing.trim(), close].find((text) => trimmed.endsWith(text));
    if (ending !== undefined) return trimmed.slice(0, -ending.length).trimEnd();
  }
  return thought;
}
