import { basename } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { type Capabilities, localCapabilities } from '../capabilities.ts';
import type {
  ChatMessage,
  DraftCount,
  Engine,
  LocalFacts,
  Model,
  ModelInfo,
  Sequence,
  TokenId,
  TokenizeOptions,
} from '../engine.ts';
import type { EngineSource } from '../engineSource.ts';
import { SlotGate } from '../slotGate.ts';
import { DecodeRounds } from './decodeRounds.ts';
import type { Script, ScriptSituation } from './script.ts';
import { ScriptedSequence, type SequenceHost } from './scriptedSequence.ts';
import { endTokenText, ScriptedVocabulary } from './scriptedVocabulary.ts';
import type { StepGate } from './stepGate.ts';

export interface ScriptedEngineOptions {
  /** Decides when each step happens; null decodes as fast as steps are read. Default null. */
  readonly gate?: StepGate | null;
  /** Called once for each decode, however many sequences advance in it: for a clock that moves with the work. */
  readonly onDecode?: () => void;
  /** Called when tokens are read, before it is seen whether they were called off: for a clock that moves with it. */
  readonly onPrefill?: (tokenCount: number) => void;
  /** Sequences open at once, forks beside them. Default 64. */
  readonly maxSequences?: number;
  /** Tokens that one sequence can hold; prefixes are not counted once for all. Default 4096. */
  readonly contextTokens?: number;
  /** What each prompt's last hidden state is; null for an engine that gives none. Default null. */
  readonly hiddenState?: ((promptText: string) => Float32Array) | null;
  /** Called with each text that is to be drafted from. */
  readonly onRemember?: (key: string, text: string) => void;
  /** What each generation says was drafted for it. Default none. */
  readonly drafts?: (situation: ScriptSituation) => readonly DraftCount[];
  /** How many tokens each generation says the context dropped. Default none. */
  readonly droppedTokens?: (situation: ScriptSituation) => number;
  /** Replaces members of the model's description. */
  readonly info?: Partial<Omit<ModelInfo, 'capabilities' | 'local'>>;
  readonly local?: Partial<LocalFacts>;
  /** What the engine can do, such as one of `capabilityTiers`: it fails where more is asked of it. All that a local one can unless given. */
  readonly capabilities?: Partial<Capabilities>;
}

/**
 * An engine that plays a script: deterministic and without a model, for tests.
 * Sequences fork, truncate, share prefixes, run out of context, stop and cancel as those of a real engine do.
 */
export function createScriptedEngine(script: Script, options: ScriptedEngineOptions = {}): Engine {
  const models: ScriptedModel[] = [];
  return {
    open: (source) => {
      const model = new ScriptedModel(source, { script, options });
      models.push(model);
      return Promise.resolve(model);
    },
    // A script may throw and so fail a generation, but there is nothing here that could die.
    onFailed: () => undefined,
    dispose: async () => {
      await Promise.all(models.map((model) => model.dispose()));
    },
  };
}

const infillTexts = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|file_sep|>'] as const;

const scriptedFacts: Omit<LocalFacts, 'path' | 'vocabularySize'> = {
  architecture: 'scripted',
  hiddenSize: 8,
  blockCount: 1,
  // Of a large model, which is asked for everything.
  weightCount: 7e9,
  trainingContextTokens: 4096,
  cacheType: 'f16',
  memoryBytes: 0,
  mappedBytes: 0,
  threads: 1,
  drafts: [],
};

class ScriptedModel implements Model {
  readonly info: ModelInfo;
  readonly #vocabulary = new ScriptedVocabulary(['<|im_start|>', ...infillTexts]);
  readonly #host: SequenceHost;
  readonly #live = new Set<ScriptedSequence>();
  readonly #openings: SlotGate;
  readonly #remembered: (key: string, text: string) => void;

  constructor(
    source: EngineSource,
    parts: { readonly script: Script; readonly options: ScriptedEngineOptions },
  ) {
    const { script, options } = parts;
    const vocabulary = this.#vocabulary;
    const [prefix, suffix, middle, file] = infillTexts.map((text) => vocabulary.idOf(text));
    if (prefix === undefined || suffix === undefined || middle === undefined || file === undefined) {
      throw new Error('The scripted vocabulary lost its infill tokens.');
    }
    const name = source.kind === 'file' ? basename(source.path, '.gguf') : (source.modelName ?? 'scripted');
    this.info = {
      identity: { name, hash: '0'.repeat(64), hashKind: 'sha256' },
      contextTokens: options.contextTokens ?? 4096,
      infill: {
        family: 'scripted',
        prefix,
        suffix,
        middle,
        orders: ['prefixFirst'],
        files: { repository: null, file, marks: 'each', ownPath: 'beforeMarkers', repositoryEnd: '' },
        putsBlankBefore: false,
      },
      hasChatTemplate: true,
      endTokens: [vocabulary.idOf(endTokenText)],
      backend: source.kind === 'file' ? 'script' : source.address,
      capabilities: {
        ...localCapabilities,
        hiddenState: options.local?.hiddenSize ?? 8,
        thinking: null,
        ...options.capabilities,
      },
      local:
        source.kind === 'file'
          ? { ...scriptedFacts, vocabularySize: vocabulary.size, path: source.path, ...options.local }
          : null,
      ...options.info,
    };
    this.#remembered = options.onRemember ?? (() => undefined);
    this.#openings = new SlotGate(options.maxSequences ?? 64);
    this.#host = {
      script,
      vocabulary,
      gate: options.gate ?? null,
      rounds: new DecodeRounds(options.onDecode ?? (() => undefined)),
      hiddenState: options.hiddenState ?? null,
      drafts: options.drafts ?? (() => []),
      droppedTokens: options.droppedTokens ?? (() => 0),
      onPrefill: options.onPrefill ?? (() => undefined),
      contextTokens: this.info.contextTokens,
      capabilities: this.info.capabilities,
      endToken: vocabulary.idOf(endTokenText),
      nextNumber: 0,
      retiredPrefixes: [],
      live: this.#live,
    };
  }

  tokenize(text: string, options: TokenizeOptions): Promise<readonly TokenId[]> {
    return Promise.resolve(this.#vocabulary.tokenize(text, options));
  }

  detokenize(tokens: readonly TokenId[]): Promise<string> {
    return Promise.resolve(this.#vocabulary.textOf(tokens));
  }

  remember(key: string, text: string): Promise<void> {
    this.#remembered(key, text);
    return Promise.resolve();
  }

  renderChat(messages: readonly ChatMessage[]): Promise<string> {
    if (!this.info.hasChatTemplate) {
      return Promise.reject(
        new CodedError(
          'model.unsupported',
          'The scripted model has no chat template, so it cannot be asked.',
          'Choose a model that was trained for chat.',
        ),
      );
    }
    const { thinking } = this.info.capabilities;
    const thoughtText = (thought: string | undefined): string =>
      thought === undefined || thinking === null ? '' : thinking.open + thought + thinking.closing;
    const turns = messages.map(
      ({ role, content, thought }) => `<|im_start|>${role}\n${thoughtText(thought)}${content}<|im_end|>\n`,
    );
    return Promise.resolve(`${turns.join('')}<|im_start|>assistant\n`);
  }

  requireThere(): Promise<void> {
    return Promise.resolve();
  }

  async openSequence(_options: unknown, signal: AbortSignal): Promise<Sequence> {
    await this.#openings.enter(signal);
    return new ScriptedSequence(this.#host, [], () => {
      this.#openings.leave();
    });
  }

  async dispose(): Promise<void> {
    this.#openings.close();
    await Promise.all([...this.#live].map((sequence) => sequence.dispose()));
  }
}
