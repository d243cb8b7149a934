import type { GenerateEnd, GenerateRequest } from './engine.ts';

/** The rules a request can end by that need nothing but the text so far. */
export type StopSettings = Pick<GenerateRequest, 'maxTokens' | 'softLimit' | 'stopTexts'>;

/**
 * Watches the text of one request for its stop rules. Holds only as much of the tail as a stop text can span, so
 * a token costs the same however long the text has grown.
 */
export class StopRules {
  readonly #settings: StopSettings;
  readonly #tailLength: number;
  #tail = '';
  #tokenCount = 0;

  constructor(settings: StopSettings) {
    this.#settings = settings;
    this.#tailLength = Math.max(16, ...settings.stopTexts.map((text) => text.length));
  }

  /** Why the request ends after this token, or null while it goes on. A stop text wins over the limits. */
  observe(text: string): GenerateEnd | null {
    this.#tokenCount += 1;
    const window = this.#tail + text;
    this.#tail = window.slice(-this.#tailLength);
    const { stopTexts, softLimit, maxTokens } = this.#settings;
    const found = stopTexts.find((stop) => stop !== '' && window.includes(stop));
    if (found !== undefined) return { type: 'stopText', text: found };
    if (softLimit !== null && this.#tokenCount >= softLimit.tokens) {
      const graceIsOver = this.#tokenCount >= softLimit.tokens + softLimit.graceTokens;
      if (graceIsOver || endsSentence(window)) return { type: 'softLimit' };
    }
    return this.#tokenCount >= maxTokens ? { type: 'maxTokens' } : null;
  }
}

/**
 * True when a text stops where a sentence does: at a line end, or at closing punctuation. A full stop after a
 * digit counts only once something follows it, because `3.` may go on as `3.5`.
 */
export function endsSentence(text: string): boolean {
  if (/\n[ \t]*$/.test(text)) return true;
  const spaced = /\s$/.test(text);
  const match = /(.?)([.!?…。！？])["'”’»)\]*`]*$/su.exec(text.trimEnd());
  if (match === null) return false;
  const [, before = '', mark] = match;
  return mark !== '.' || spaced || !/[0-9]/.test(before);
}
