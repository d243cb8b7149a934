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
  readonly script?: StubScript;
  readonly modelName?: string;
  readonly contextTokens?: number;
  readonly hasProbabilities?: boolean;
  /** Shared by servers with the same model. A new one unless given. */
  readonly vocabulary?: ScriptedVocabulary;
}

/** The words of a language model without one: a vocabulary that grows, and a script. */
export class StubModel {
  /** May be changed, as when a server is started anew with another model. */
  name: string;
  /** Whether a router has started it. */
  isLoaded = false;
  /** Jinja, as it is shown. */
  chatTemplate = '{% for message in messages %}{{ message.content }}{% endfor %}';
  readonly contextTokens: number;
  readonly hasProbabilities: boolean;
  readonly vocabulary: ScriptedVocabulary;
  readonly endToken: number;
  readonly #script: StubScript;

  constructor({ script, modelName, contextTokens, hasProbabilities, vocabulary }: StubModelOptions) {
    this.vocabulary = vocabulary ?? new ScriptedVocabulary(['<|im_start|>']);
    this.endToken = this.vocabulary.idOf(endTokenText);
    this.#script = script ?? (() => '');
    this.name = modelName ?? '/models/stub-1b.gguf';
    this.contextTokens = contextTokens ?? 4096;
    this.hasProbabilities = hasProbabilities ?? true;
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

/** Of a token that the script gives none. */
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
