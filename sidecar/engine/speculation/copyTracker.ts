import type { TokenId } from '../engine.ts';
import type { EditRule, EditRules } from './editRules.ts';
import type { IndexedText } from './suffixIndex.ts';

/** Tokens after which a copy that was left is given up. */
const mostStrayTokens = 24;
/** How far after the place where it was left a copy is looked for, and how far before it. */
const searchAhead = 40;
const searchBack = 4;
/** Matching tokens that make it certain where the copy goes on; a single one may be a comma. */
const certainTokens = 2;

/** A token that the copy is expected to say next, and why: it follows so many agreeing tokens, or a rule. */
export interface CopiedToken {
  readonly token: TokenId;
  readonly reason: CopiedReason;
}

export type CopiedReason =
  /** The copy agrees since `matched` tokens. */
  | { readonly type: 'copy'; readonly matched: number }
  /** The output left the copy, and this is where it may go on. */
  | { readonly type: 'resume'; readonly matched: number }
  | { readonly type: 'rule'; readonly confidence: number };

/** Where a copy goes on, and how many output tokens before that agree with it. */
interface Place {
  readonly next: number;
  readonly matched: number;
}

/**
 * Follows a text that is being copied with changes, such as a file printed again with a name replaced. While the output
 * agrees with it, it knows the next token however often the same words are elsewhere; where the output leaves it,
 * it looks for where the copy goes on, shortly after that place; and what was put in for what is remembered as a
 * rule, so that the same change is foreseen the next time.
 */
export class CopyTracker {
  readonly #text: IndexedText;
  readonly #rules: EditRules;
  /** Whether the text is the output itself, which repeats what it said. */
  readonly #isOwn: boolean;
  /** Place of the next token, counted with the forgotten ones. */
  #next: number;
  #matched: number;
  /** Output since the copy was left; empty while on course. */
  #stray: TokenId[] = [];
  /** While astray: the likeliest place where the copy goes on; null where nothing agrees yet. */
  #resume: Place | null = null;

  /** `next` is the index of the token expected next, `matched` how many before it agree with the output. */
  constructor(
    text: IndexedText,
    next: number,
    {
      matched,
      rules,
      isOwn,
    }: { readonly matched: number; readonly rules: EditRules; readonly isOwn: boolean },
  ) {
    this.#text = text;
    this.#next = next + text.forgotten;
    this.#matched = matched;
    this.#rules = rules;
    this.#isOwn = isOwn;
  }

  /** True when the copy was left for good, has come to its end, or its text was forgotten. */
  get isLost(): boolean {
    if (this.#stray.length > mostStrayTokens || this.#next < this.#text.forgotten) return true;
    return this.#stray.length === 0 && this.#tokenAt(this.#next) === undefined;
  }

  /** Tokens before the next one that agree with the copy; 0 while astray without a trace of it. */
  get matched(): number {
    return this.#stray.length === 0 ? this.#matched : (this.#resume?.matched ?? 0);
  }

  get isAstray(): boolean {
    return this.#stray.length > 0;
  }

  /** True when something speaks for where the copy goes on: it was not left, or agrees again, or changes as before. */
  get hasLead(): boolean {
    return !this.isAstray || this.#resume !== null || this.#begunRule() !== null;
  }

  /** The output's next token. */
  follow(token: TokenId): void {
    if (this.#stray.length === 0 && this.#tokenAt(this.#next) === token) {
      this.#rules.passed(this.#text.tokens, this.#next - this.#text.forgotten);
      this.#next += 1;
      this.#matched += 1;
      return;
    }
    this.#stray.push(token);
    this.#resume = this.#findResume();
    if (this.#resume !== null && this.#resume.matched >= certainTokens) this.#takeUp(this.#resume);
  }

  /** What the output is expected to say next, at most `most` tokens: the copy, changed by the rules. */
  expected(most: number): readonly CopiedToken[] {
    const tokens: CopiedToken[] = [];
    let { next, matched } = this.#resume ?? {
      next: this.#next,
      matched: this.#stray.length === 0 ? this.#matched : 0,
    };
    let isResuming = this.#stray.length > 0;
    if (isResuming && this.#resume === null) {
      const begun = this.#begunRule();
      if (begun !== null) {
        for (const token of begun.rule.by.slice(this.#stray.length)) {
          tokens.push({ token, reason: { type: 'rule', confidence: begun.confidence } });
        }
        next = this.#next + begun.rule.replaced.length;
        isResuming = false;
        matched = 0;
      }
    }
    let changedAt = -1;
    while (tokens.length < most) {
      const found =
        changedAt === next ? null : this.#rules.at(this.#text.tokens, next - this.#text.forgotten);
      if (found !== null && !isResuming) {
        for (const token of found.rule.by)
          tokens.push({ token, reason: { type: 'rule', confidence: found.confidence } });
        next += found.rule.replaced.length;
        changedAt = next;
        matched = 0;
        continue;
      }
      // After the end of the output itself comes what is expected here: a loop goes round.
      const token = this.#tokenAt(next) ?? (this.#isOwn ? tokens[next - this.#end]?.token : undefined);
      if (token === undefined) break;
      const type = isResuming ? 'resume' : 'copy';
      tokens.push({ token, reason: { type, matched } });
      next += 1;
      matched += 1;
      if (matched >= certainTokens) isResuming = false;
    }
    return tokens.slice(0, most);
  }

  /** A rule of the place where the copy was left whose new words the output has begun to say. */
  #begunRule(): { readonly rule: EditRule; readonly confidence: number } | null {
    const found = this.#rules.at(this.#text.tokens, this.#next - this.#text.forgotten);
    if (found === null || found.rule.by.length < this.#stray.length) return null;
    return this.#stray.every((token, index) => found.rule.by[index] === token) ? found : null;
  }

  /** The longest agreement of the stray output's end with the text near the place it was left at; then the nearest. */
  #findResume(): Place | null {
    let best: Place = { next: this.#next, matched: 0 };
    let bestDistance = Infinity;
    for (let next = this.#next - searchBack; next <= this.#next + searchAhead; next++) {
      // The output itself may be the text, and its end always agrees with itself: there is nothing to go on with.
      if (this.#tokenAt(next) === undefined) break;
      const matched = this.#matchedBefore(next);
      const distance = Math.abs(next - matched - this.#next);
      if (matched < best.matched || (matched === best.matched && distance >= bestDistance)) continue;
      best = { next, matched };
      bestDistance = distance;
    }
    return best.matched === 0 ? null : best;
  }

  #matchedBefore(next: number): number {
    const { length } = this.#stray;
    let matched = 0;
    while (matched < length && this.#stray[length - 1 - matched] === this.#tokenAt(next - 1 - matched))
      matched++;
    return matched;
  }

  #takeUp({ next, matched }: Place): void {
    const resumed = next - matched;
    // After a step back the output says again what it had said: no change of the copy.
    if (resumed >= this.#next) {
      this.#rules.learn({
        left: this.#slice(this.#next - 2, this.#next),
        replaced: this.#slice(this.#next, resumed),
        by: this.#stray.slice(0, this.#stray.length - matched),
      });
    }
    this.#next = next;
    this.#matched = matched;
    this.#stray = [];
    this.#resume = null;
  }

  #slice(from: number, to: number): readonly TokenId[] {
    const { forgotten, tokens } = this.#text;
    return tokens.slice(Math.max(0, from - forgotten), Math.max(0, to - forgotten));
  }

  /** Place after the text's last token. */
  get #end(): number {
    return this.#text.forgotten + this.#text.tokens.length;
  }

  #tokenAt(place: number): TokenId | undefined {
    return this.#text.tokens[place - this.#text.forgotten];
  }
}
