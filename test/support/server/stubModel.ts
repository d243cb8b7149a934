import { endTokenText, ScriptedVocabulary } from '../../../sidecar/engine/scripted/scriptedVocabulary.ts';

/** A token that the stub writes. `hidden` tokens are parts of the character that the next one ends. */
export interface StubToken {
  readonly text: string;
  readonly logprob?: number;
  /** By falling probability. */
  readonly top?: readonly { readonly text: string; readonly logprob: number }[];
  /** Tokens before it that the server keeps to itself, since they end within a character. */
  readonly heldBack?: number;
}

/** What is written after a prompt, word by word where it is a text; then the model ends by itself. */
export type StubScript = (prompt: string, seed: number | null) => string | readonly (string | StubToken)[];

export interface StubModelOptions {
  /** What it writes after each prompt. Default nothing. */
  readonly script?: StubScript;
  readonly modelName?: string;
  readonly contextTokens?: number;
  /** Jinja. Default one that puts the messages after one another. */
  readonly chatTemplate?: string;
  /** Gives probabilities; default true. */
  readonly hasProbabilities?: boolean;
  /** What it marks the two sides of a cursor with, and how its server arranges them; null, as when absent, where it has no such markers. */
  readonly infill?: StubInfill | null;
  /** Was trained with a token before every text, which is `<|im_start|>`. False when absent. */
  readonly hasBeginToken?: boolean;
  /** Shared by servers with the same model. A new one unless given. */
  readonly vocabulary?: ScriptedVocabulary;
}

export interface StubInfill {
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  readonly order: 'prefixFirst' | 'suffixThenPrefix';
}

/** The words of a language model without one: a vocabulary that grows, and a script. */
export class StubModel {
  /** May be changed, as when a server is started anew with another model. */
  name: string;
  /** What OpenAI's paths call it in their answers, as a gateway may; null for its name. May be changed. */
  answeredName: string | null = null;
  /** Whether llama-server says what ends its texts. May be changed. */
  namesEnd = true;
  /** Whether a router has started it. */
  isLoaded = false;
  /** Jinja, as it is shown. */
  chatTemplate: string;
  readonly contextTokens: number;
  readonly hasProbabilities: boolean;
  readonly infill: StubInfill | null;
  readonly hasBeginToken: boolean;
  readonly vocabulary: ScriptedVocabulary;
  readonly endToken: number;
  readonly #script: StubScript;

  constructor(options: StubModelOptions) {
    this.vocabulary = options.vocabulary ?? new ScriptedVocabulary(['<|im_start|>']);
    this.endToken = this.vocabulary.idOf(endTokenText);
    this.#script = options.script ?? (() => '');
    this.name = options.modelName ?? '/models/stub-1b.gguf';
    this.chatTemplate =
      options.chatTemplate ?? '{% for message in messages %}{{ message.content }}{% endfor %}';
    this.contextTokens = options.contextTokens ?? 4096;
    this.hasProbabilities = options.hasProbabilities ?? true;
    this.infill = options.infill ?? null;
    this.hasBeginToken = options.hasBeginToken ?? false;
  }

  /** Token ids with their texts: its markers each by itself, all other lines by characters. */
  pieces(text: string): readonly { readonly id: number; readonly piece: string }[] {
    const { prefix = '', suffix = '', middle = '' } = this.infill ?? {};
    const markers = [prefix, suffix, middle, endTokenText, '<|im_start|>'];
    return text
      .split(/(\n)/)
      .flatMap((line) => (markers.includes(line) ? [line] : Array.from(line)))
      .map((piece) => ({ id: this.vocabulary.idOf(piece), piece }));
  }

  /** What its server makes of the two sides of a cursor; null for a model without markers. */
  infillPrompt(before: string, after: string): string | null {
    if (this.infill === null) return null;
    const { prefix, suffix, middle, order } = this.infill;
    return order === 'prefixFirst'
      ? `${prefix}${before}${suffix}${after}${middle}`
      : `${suffix}${after}${prefix}${before}${middle}`;
  }

  /** What is written after a prompt, no more than so many tokens. */
  write(
    prompt: string,
    { maxTokens, seed }: { readonly maxTokens: number; readonly seed: number | null },
  ): StubWriting {
    const script = this.#script(prompt, seed);
    const pieces = typeof script === 'string' ? this.#words(script) : script;
    const tokens = pieces.map((piece) => (typeof piece === 'string' ? { text: piece } : piece));
    return { tokens: tokens.slice(0, maxTokens), endsByItself: tokens.length < maxTokens };
  }

  #words(text: string): readonly string[] {
    return this.vocabulary.tokenize(text, { special: true }).map((id) => this.vocabulary.textOf([id]));
  }

  render(messages: readonly { readonly role: string; readonly content: string }[]): string {
    const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`);
    return `${turns.join('')}<|im_start|>assistant\n`;
  }
}

export interface StubWriting {
  readonly tokens: readonly StubToken[];
  readonly endsByItself: boolean;
}

/** Log-probability of a token that the script gives none. */
export const usualLogprob = -0.1;

/** The most likely tokens where a token was drawn, itself first unless the script has others. */
export function topOf({ text, logprob = usualLogprob, top }: StubToken): NonNullable<StubToken['top']> {
  const unlikely = Array.from({ length: 19 }, (_, at) => ({ text: `other${at}`, logprob: -8 - at }));
  return top ?? [{ text, logprob }, ...unlikely];
}

/** Probabilities of a token as llama-server and OpenAI's chat write them. */
export function logprobsOf(model: StubModel, token: StubToken, count: number): object {
  const { text, logprob = usualLogprob } = token;
  const entry = (each: { readonly text: string; readonly logprob: number }): object => ({
    id: model.vocabulary.idOf(each.text),
    token: each.text,
    bytes: [...Buffer.from(each.text)],
    logprob: each.logprob,
  });
  return { ...entry({ text, logprob }), top_logprobs: topOf(token).slice(0, count).map(entry) };
}
