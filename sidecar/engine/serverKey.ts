import { inspect } from 'node:util';

const shown = '[hidden key]';

/**
 * A key that a server asks for. It shows itself nowhere: printed, logged, written as JSON or put into a text it is
 * `[hidden key]`. Only what writes the request's header calls `reveal`.
 */
export class ServerKey {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The key itself, for a header and nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
