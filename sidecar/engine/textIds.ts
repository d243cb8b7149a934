import type { TokenId } from './engine.ts';

/** Ids for texts, each from its first use on, for engines whose tokens are texts. */
export class TextIds {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, TokenId>();

  get size(): number {
    return this.#texts.length;
  }

  idOf(text: string): TokenId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  /** The texts of ids, joined; one that was never given has none. */
  textOf(ids: readonly TokenId[]): string {
    return ids.map((id) => this.#texts[id] ?? '').join('');
  }
}
