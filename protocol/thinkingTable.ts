import type { ThinkingForm, ThinkingMarkers } from './thinking.ts';

const continuation = '\nWait, ';

/** Most families put a thought between two tags, on lines of their own. */
function tags(name: string): ThinkingMarkers {
  const [open, close] = [`<${name}>`, `</${name}>`];
  return {
    open: `${open}\n`,
    close,
    closing: `\n${close}\n\n`,
    skipping: `${open}\n\n${close}\n\n`,
    continuation,
  };
}

/** Markers of their own, without lines around them. */
function bare(open: string, close: string): ThinkingMarkers {
  return { open, close, closing: close, skipping: `${open}${close}`, continuation };
}

const harmonyAnswer = '<|channel|>final<|message|>';

/**
 * How families of models mark their thoughts, as their public chat templates have it (`models/templates` of llama.cpp). The
 * first form whose closing marker a template names is the model's.
 */
export const thinkingTable: Readonly<Record<ThinkingForm, ThinkingMarkers>> = {
  /** Qwen3, QwQ, the R1 distillations, GLM, SmolLM3, Nemotron and most others. */
  think: tags('think'),
  /** Apriel 1.5. */
  thinking: tags('thinking'),
  /** Seed-OSS. */
  seedThink: tags('seed:think'),
  /** MiniMax-M3. */
  minimaxThink: tags('mm:think'),
  /** Magistral and Ministral. */
  mistralThink: bare('[THINK]', '[/THINK]'),
  /** Command R7B and A. */
  cohereThinking: bare('<|START_THINKING|>', '<|END_THINKING|>'),
  /** Gemma 4. */
  gemmaChannel: bare('<|channel>thought\n', '<channel|>'),
  /** gpt-oss: a message of the channel `analysis`, then one of the channel `final`. */
  harmony: {
    open: '<|channel|>analysis<|message|>',
    close: harmonyAnswer,
    closing: `<|end|><|start|>assistant${harmonyAnswer}`,
    skipping: harmonyAnswer,
    continuation,
  },
};

/** The markers of every form. */
export const allThinkingMarkers: readonly ThinkingMarkers[] = Object.values(thinkingTable);
