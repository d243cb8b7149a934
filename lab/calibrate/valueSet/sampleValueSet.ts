import { changeOptions } from '../../../protocol/reasoningOptions.ts';
import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { cancelled } from '../../../sidecar/engine/cancelled.ts';
import type { Model, Sequence } from '../../../sidecar/engine/engine.ts';
import { SlotGate } from '../../../sidecar/engine/slotGate.ts';
import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import { answerReaderFor } from '../../../sidecar/reasoning/answers/answerReader.ts';
import type { CandidateHiddenState } from '../../../sidecar/reasoning/candidates/candidateDecoder.ts';
import { candidateLimits } from '../../../sidecar/reasoning/candidates/candidateLimits.ts';
import { CandidateRun } from '../../../sidecar/reasoning/candidates/candidateRun.ts';
import { defaultBudget } from '../../../sidecar/reasoning/candidates/defaultBudget.ts';
import { probedPromptStyle } from '../../../sidecar/reasoning/difficulty/probe.ts';
import { minP } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { BudgetMeter } from '../../../sidecar/request/budgetMeter.ts';
import { sinkTo } from '../../../sidecar/request/eventChannel.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import type { CalibrationQuestion } from '../questionFile.ts';
import { openQuestionCount, questionSeed, toItsOwnEnd, withoutState } from '../sampleQuestions.ts';
import { workThrough } from '../workThrough.ts';
import type { StatedQuestion, StatePoint, ValueCandidate, ValuePlan } from './valueQuestion.ts';

export interface ValueSampling {
  readonly plan: ValuePlan;
  /** Samples decoded as one batch. */
  readonly parallel: number;
  /** Called for each question in the order they are done, one at a time; the next waits for it. */
  readonly onQuestion: (sampled: StatedQuestion) => Promise<void>;
}

/**
 * Samples candidates of every question as the strategy `selfConsistency` writes them, each to its own end, and reads
 * last-layer states at their line ends and answers from the same decode calls. Samples of a question share its prompt's
 * cells; samples of several questions are decoded as one batch. Throws `cancelled` within one decode step,
 * `model.unsupported` for a model without states, and what the engine throws; `onQuestion` has had every question that was
 * done by then.
 */
export async function sampleValueSet(
  model: Model,
  questions: readonly CalibrationQuestion[],
  { plan, parallel, onQuestion }: ValueSampling,
  signal: AbortSignal,
): Promise<void> {
  const places = new SlotGate(parallel);
  const workers = openQuestionCount(plan.samples - 1, parallel);
  const work = (question: CalibrationQuestion, ended: AbortSignal): Promise<StatedQuestion> =>
    sampleQuestion({ model, question, plan, places }, ended);
  await workThrough(questions, { workers, work, onDone: onQuestion }, signal);
}

interface QuestionDependencies {
  readonly model: Model;
  readonly question: CalibrationQuestion;
  readonly plan: ValuePlan;
  readonly places: SlotGate;
}

async function sampleQuestion(
  dependencies: QuestionDependencies,
  signal: AbortSignal,
): Promise<StatedQuestion> {
  const { model, question, plan } = dependencies;
  const prompt = await renderChatTokens(
    model,
    chatMessages(question.question, null, probedPromptStyle),
    signal,
  );
  const first = await model.openSequence({ priority: 'background' }, signal);
  const sequences: Sequence[] = [first];
  try {
    await first.append(prompt.tokens, signal);
    const promptState = await first.lastHiddenState(signal);
    if (promptState === null) throw withoutState();
    // Forked before anything is generated: what they share is the prompt.
    sequences.push(...(await first.fork(plan.samples - 1, signal)));
    const promptTokens = prompt.tokens.length;
    const drawn = await Promise.all(
      sequences.map((sequence, index) =>
        drawCandidate(dependencies, { sequence, index, promptTokens }, signal),
      ),
    );
    return {
      id: question.id,
      questionHash: question.hash,
      promptTokens,
      candidates: drawn.map(({ candidate }) => candidate),
      states: [promptState, ...drawn.flatMap(({ states }) => states)],
    };
  } finally {
    await Promise.all(sequences.map((sequence) => sequence.dispose()));
  }
}

interface CandidatePlace {
  readonly sequence: Sequence;
  readonly index: number;
  readonly promptTokens: number;
}

interface DrawnCandidate {
  readonly candidate: ValueCandidate;
  /** A state for each of its points. */
  readonly states: readonly Float32Array[];
}

async function drawCandidate(
  dependencies: QuestionDependencies,
  place: CandidatePlace,
  signal: AbortSignal,
): Promise<DrawnCandidate> {
  const { question, places } = dependencies;
  await places.enter(signal);
  try {
    const read: CandidateHiddenState[] = [];
    const entropyNats: number[] = [];
    const decisions = new Set<string>();
    const events = sinkTo((event: SearchEvent) => {
      if (event.type === 'tokens/appended') entropyNats.push(...event.tokens.entropyNats);
      if (event.type === 'decision/made') decisions.add(event.kind);
    });
    const run = candidateRun(dependencies, place, read);
    const { end, answer, text, thoughtTokens, answerTokens } = await run.finish({ events, signal });
    if (signal.aborted) throw cancelled();
    const points = pointsOf(read);
    return {
      candidate: {
        isCorrect: answer === question.answer,
        answer,
        end,
        isCutOff: decisions.has('thoughtClosedAtCap') || end === 'truncated',
        thoughtTokens,
        answerTokens,
        text,
        points: describePoints(points, entropyNats),
      },
      states: points.map(({ state }) => state),
    };
  } finally {
    places.leave();
  }
}

/** A candidate as `selfConsistency` would write it, its states added to `read`. */
function candidateRun(
  { model, question, plan }: QuestionDependencies,
  { sequence, index, promptTokens }: CandidatePlace,
  read: CandidateHiddenState[],
): CandidateRun {
  const budget = defaultBudget(probedPromptStyle, plan.maxThoughtTokens);
  return new CandidateRun({
    id: index,
    model,
    sequence,
    seed: questionSeed(plan.seed, question),
    form: 'reasonedLine',
    // Every candidate runs to its own end: that is what is labelled.
    options: changeOptions(toItsOwnEnd, plan),
    sampler: { temperature: plan.temperature, topK: 0, topP: 1, minP },
    limits: candidateLimits(budget, {
      candidateCount: 1,
      unspentTokens: Infinity,
      contextTokens: model.info.contextTokens,
      promptTokens,
      shiftsContext: false,
    }),
    markers: null,
    reader: answerReaderFor(question.question, { markers: null, inText: null }),
    meter: new BudgetMeter(budget, () => 0),
    steering: new Steering(),
    onHiddenState: (state) => read.push(state),
  });
}

/** Line ends after the prompt, and the last end of a generation, which is the answer's where there is one. */
function pointsOf(read: readonly CandidateHiddenState[]): readonly CandidateHiddenState[] {
  const lines = read.filter(({ place, characters }) => place === 'lineEnd' && characters > 0);
  const last = read.findLast(({ place }) => place === 'end');
  return last === undefined ? lines : [...lines, last];
}

function describePoints(
  points: readonly CandidateHiddenState[],
  entropyNats: readonly number[],
): readonly StatePoint[] {
  return points.map(({ place, generatedTokens, characters }, index) => {
    const from = points[index - 1]?.generatedTokens ?? 0;
    const since = entropyNats.slice(from, generatedTokens);
    return {
      place: place === 'end' ? 'answer' : 'lineEnd',
      generatedTokens,
      characters,
      entropyNats: since.reduce((sum, nats) => sum + nats, 0),
    };
  });
}
