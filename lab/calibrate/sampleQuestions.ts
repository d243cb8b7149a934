import { CodedError } from '../../protocol/codedError.ts';
import { optionsOf } from '../../protocol/reasoningOptions.ts';
import type { SamplerSettings, SearchEvent } from '../../protocol/traceEvent.ts';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import type { Model, Sequence, TokenId } from '../../sidecar/engine/engine.ts';
import { SlotGate } from '../../sidecar/engine/slotGate.ts';
import { mean } from '../../sidecar/numeric/mean.ts';
import { philox } from '../../sidecar/numeric/random.ts';
import { chatMessages } from '../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../sidecar/prompts/chatTokens.ts';
import { valueReader } from '../../sidecar/reasoning/answers/answerReader.ts';
import { candidateLimits, cueTokens } from '../../sidecar/reasoning/candidates/candidateLimits.ts';
import { CandidateRun } from '../../sidecar/reasoning/candidates/candidateRun.ts';
import { defaultBudget } from '../../sidecar/reasoning/candidates/defaultBudget.ts';
import { probePrefixTokens } from '../../sidecar/reasoning/difficulty/entropyRule.ts';
import { probedPromptStyle } from '../../sidecar/reasoning/difficulty/probe.ts';
import { minP } from '../../sidecar/reasoning/run/requestRunner.ts';
import { BudgetMeter } from '../../sidecar/request/budgetMeter.ts';
import { sinkTo } from '../../sidecar/request/eventChannel.ts';
import { Steering } from '../../sidecar/request/steering.ts';
import { defaultSettings } from '../../sidecar/validation/sidecarSettings.ts';
import type { CalibrationQuestion } from './questionFile.ts';
import type { AnswerSample, SampledQuestion } from './sampledQuestion.ts';
import { workThrough } from './workThrough.ts';

/** What decides the samples. */
export interface SamplingPlan {
  /** Samples of a question beside the greedy one. */
  readonly samples: number;
  readonly temperature: number;
  /** Thought tokens of one sample. */
  readonly maxThoughtTokens: number;
  readonly seed: number;
}

export interface SamplingOptions extends SamplingPlan {
  /** Samples decoded as one batch. */
  readonly parallel: number;
  /** Called for each question in the order they are done, one at a time; the next waits for it. */
  readonly onQuestion: (sampled: SampledQuestion) => Promise<void>;
}

/** Fewest characters of a question in one token, by which its length is guessed before it is known. */
const charactersPerToken = 2;
/** Instruction and template around a question, at most. */
const promptFrameTokens = 256;

/** Context that so many samples at once take, with the prompts of the questions they are of. Pure. */
export function contextFor(
  questions: readonly Pick<CalibrationQuestion, 'question'>[],
  { samples, maxThoughtTokens, parallel }: Pick<SamplingOptions, 'samples' | 'maxThoughtTokens' | 'parallel'>,
): number {
  const longest = questions.reduce((most, { question }) => Math.max(most, question.length), 0);
  const promptTokens = promptFrameTokens + Math.ceil(longest / charactersPerToken);
  const { answerTokensPerCandidate } = defaultBudget(probedPromptStyle, maxThoughtTokens);
  const sampleTokens = maxThoughtTokens + answerTokensPerCandidate + cueTokens;
  return openQuestionCount(samples, parallel) * promptTokens + parallel * sampleTokens;
}

/** As many samples at once as are asked for, or as a context has room for. Pure; at least 1. */
export function parallelFitting(
  contextTokens: number,
  questions: readonly Pick<CalibrationQuestion, 'question'>[],
  plan: Pick<SamplingOptions, 'samples' | 'maxThoughtTokens' | 'parallel'>,
): number {
  let { parallel } = plan;
  while (parallel > 1 && contextFor(questions, { ...plan, parallel }) > contextTokens) parallel -= 1;
  return parallel;
}

/**
 * Asks the model every question, once greedily and then by chance, as `ask` does step by step. Samples of a question
 * share its prompt's cells, and samples of several are decoded side by side, so that the batch is always full.
 * Throws `cancelled` within one decode step, and what the engine throws; `onQuestion` has had every question that was
 * done by then.
 */
export async function sampleQuestions(
  model: Model,
  questions: readonly CalibrationQuestion[],
  options: SamplingOptions,
  signal: AbortSignal,
): Promise<void> {
  const places = new SlotGate(options.parallel);
  const workers = openQuestionCount(options.samples, options.parallel);
  const work = (question: CalibrationQuestion, ended: AbortSignal): Promise<SampledQuestion> =>
    sampleQuestion(model, question, { ...options, places }, ended);
  await workThrough(questions, { workers, work, onDone: options.onQuestion }, signal);
}

/** As many as keep every place taken, and one more that reads its prompt meanwhile. Pure. */
export function openQuestionCount(samples: number, parallel: number): number {
  return Math.ceil(parallel / (samples + 1)) + 1;
}

interface QuestionOptions extends SamplingPlan {
  readonly places: SlotGate;
}

async function sampleQuestion(
  model: Model,
  question: CalibrationQuestion,
  options: QuestionOptions,
  signal: AbortSignal,
): Promise<SampledQuestion> {
  const messages = chatMessages(question.question, null, probedPromptStyle);
  const prompt = await renderChatTokens(model, messages, signal);
  const sequences: Sequence[] = [await model.openSequence({ priority: 'background' }, signal)];
  try {
    const [first] = sequences;
    if (first === undefined) throw cancelled();
    await first.append(prompt.tokens, signal);
    const state = await first.lastHiddenState(signal);
    if (state === null) throw withoutState();
    // Forked before anything is generated: what they share is the prompt.
    sequences.push(...(await first.fork(options.samples, signal)));
    const drawn = await Promise.all(
      sequences.map((sequence, index) =>
        drawSample({ model, question, sequence, index, prompt: prompt.tokens }, options, signal),
      ),
    );
    return {
      id: question.id,
      questionHash: question.hash,
      promptTokens: prompt.tokens.length,
      state,
      openingEntropyNats: drawn[0]?.entropyNats.slice(0, probePrefixTokens) ?? [],
      samples: drawn.map(({ sample }) => sample),
    };
  } finally {
    await Promise.all(sequences.map((sequence) => sequence.dispose()));
  }
}

interface SamplePlace {
  readonly model: Model;
  readonly question: CalibrationQuestion;
  readonly sequence: Sequence;
  /** 0 is the greedy one. */
  readonly index: number;
  readonly prompt: readonly TokenId[];
}

/** What ends no candidate early, so that what is measured is its own end. */
export const toItsOwnEnd = optionsOf(defaultSettings, {
  earlyStopping: { trialConfidence: 0, steadyAnswers: false },
});

interface DrawnSample {
  readonly sample: AnswerSample;
  readonly entropyNats: readonly number[];
}

async function drawSample(
  { model, question, sequence, index, prompt }: SamplePlace,
  options: QuestionOptions,
  signal: AbortSignal,
): Promise<DrawnSample> {
  await options.places.enter(signal);
  try {
    const budget = defaultBudget(probedPromptStyle, options.maxThoughtTokens);
    const limits = candidateLimits(budget, {
      candidateCount: 1,
      unspentTokens: Infinity,
      contextTokens: model.info.contextTokens,
      promptTokens: prompt.length,
      shiftsContext: false,
    });
    const temperature = index === 0 ? 0 : options.temperature;
    const run = new CandidateRun({
      id: index,
      model,
      sequence,
      seed: questionSeed(options.seed, question),
      form: 'reasonedLine',
      markers: null,
      options: toItsOwnEnd,
      sampler: samplerAt(temperature),
      limits,
      reader: valueReader,
      meter: new BudgetMeter(budget, () => 0),
      steering: new Steering(),
    });
    const entropyNats: number[] = [];
    const events = sinkTo((event: SearchEvent) => {
      if (event.type === 'tokens/appended') entropyNats.push(...event.tokens.entropyNats);
    });
    const { end, answer, text, thoughtTokens, answerTokens } = await run.finish({ events, signal });
    if (signal.aborted) throw cancelled();
    const isCorrect = answer === question.answer;
    const meanEntropyNats = mean(entropyNats);
    const tokens = { thoughtTokens, answerTokens };
    return {
      sample: { temperature, isCorrect, answer, end, ...tokens, meanEntropyNats, text },
      entropyNats,
    };
  } finally {
    options.places.leave();
  }
}

function samplerAt(temperature: number): SamplerSettings {
  return { temperature, topK: 0, topP: 1, minP };
}

/** A question draws the same numbers whichever others are asked. */
export function questionSeed(seed: number, { hash }: CalibrationQuestion): number {
  return philox([Number.parseInt(hash.slice(0, 8), 16), 0, 0, 0], [seed >>> 0, 2])[0];
}

export function withoutState(): CodedError {
  return new CodedError(
    'model.unsupported',
    'The engine gives no hidden states for this model, so no probe can read them.',
    'Calibrate another model; difficulty of this one is judged by the entropy of its first tokens.',
  );
}
