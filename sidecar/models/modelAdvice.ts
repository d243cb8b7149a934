import type { ModelPace } from '../../protocol/health.ts';
import type { ModelOutlook, ServingRole } from '../../protocol/messages.ts';
import type { ThinkingFormat } from '../../protocol/thinking.ts';
import { typingLatencyMs } from '../../protocol/typingLatency.ts';
import { present } from '../validation/fieldReader.ts';

/** A model as it would be on this machine. */
export interface JudgedModel {
  readonly name: string;
  readonly isHere: boolean;
  readonly pace: ModelPace | null;
  /** Whether the pace was measured with this very file, and not estimated from others. */
  readonly isMeasured: boolean;
  /** What it takes with a context of usual size; null where that is unknown. */
  readonly memoryBytes: number | null;
  /** Weights, those of a mixture's experts counted in part: what its answers are worth, as far as its size says so. */
  readonly worth: number;
  /** What it was trained for. */
  readonly serves: readonly ServingRole[];
  /** As in `ModelOutlook`. */
  readonly thinking?: ThinkingFormat;
}

/** A model on a machine whose models may take so much memory, for lists; null for one of which nothing is known. Pure. */
export function outlookOf(judged: JudgedModel | null, memoryBytes: number): ModelOutlook {
  if (judged === null) return { pace: null, isMeasured: false, memoryBytes: null, fits: null };
  const fits = judged.memoryBytes === null ? null : judged.memoryBytes <= memoryBytes;
  const { pace, isMeasured, thinking } = judged;
  return { pace, isMeasured, memoryBytes: judged.memoryBytes, fits, ...present({ thinking }) };
}

/** What to use models for. Nothing is chosen by it. */
export interface ModelAdvice {
  readonly questions: string | null;
  readonly completions: string | null;
  /** One sentence, or two; empty where nothing was measured or estimated. */
  readonly text: string;
}

/** Slower answers are not waited for: about twice as fast as one reads. */
const leastAnswerTokensPerSecond = 10;
/** Later ghost text comes when the next key was pressed already. */
const mostTypingMs = 400;

/**
 * The largest model that is fast enough for each role, among those that fit into so much memory, both together. Models that are
 * not here count by their estimates, in a sentence of their own. Pure.
 */
export function adviseModels(models: readonly JudgedModel[], memoryBytes: number): ModelAdvice {
  const here = chosen(
    models.filter((model) => model.isHere),
    memoryBytes,
  );
  const all = chosen(models, memoryBytes);
  const sentences = [
    adviceText(here),
    ...(all.questions !== null && all.questions !== here.questions && worthMore(all.questions, here.questions)
      ? [downloadText(all.questions)]
      : []),
  ].filter((text) => text !== '');
  return {
    questions: here.questions?.name ?? null,
    completions: here.completions?.name ?? null,
    text: sentences.join(' '),
  };
}

interface Chosen {
  readonly questions: JudgedModel | null;
  readonly completions: JudgedModel | null;
}

function chosen(models: readonly JudgedModel[], memoryBytes: number): Chosen {
  const usable = models.filter(
    (model) => model.pace !== null && (model.memoryBytes ?? Infinity) <= memoryBytes,
  );
  const completions = largest(
    usable.filter(({ serves }) => serves.includes('completions')),
    typingSpeed,
    1 / mostTypingMs,
  );
  const answering = usable.filter(({ serves }) => serves.includes('questions'));
  const besideBytes = completions?.memoryBytes ?? 0;
  const both = answering.filter(
    (model) => model === completions || (model.memoryBytes ?? Infinity) + besideBytes <= memoryBytes,
  );
  return { questions: largest(both, answerSpeed, leastAnswerTokensPerSecond), completions };
}

/** The one worth most among those that are fast enough; the fastest where none is. */
function largest(
  models: readonly JudgedModel[],
  speed: (model: JudgedModel) => number,
  least: number,
): JudgedModel | null {
  const quick = models.filter((model) => speed(model) >= least);
  const best = quick.toSorted((a, b) => b.worth - a.worth)[0];
  return best ?? models.toSorted((a, b) => speed(b) - speed(a))[0] ?? null;
}

function answerSpeed({ pace }: JudgedModel): number {
  return pace?.decodeTokensPerSecond ?? 0;
}

function typingSpeed({ pace }: JudgedModel): number {
  return pace === null ? 0 : 1 / typingLatencyMs(pace);
}

function worthMore(model: JudgedModel, than: JudgedModel | null): boolean {
  return model.worth > (than?.worth ?? 0);
}

function adviceText({ questions, completions }: Chosen): string {
  if (questions === null)
    return completions === null
      ? ''
      : `On this machine ${completions.name} ${speedText(completions, 'writes')}: recommended for typing.`;
  const answers = `On this machine ${questions.name} ${speedText(questions, 'answers')}: recommended for questions`;
  if (completions === null) return `${answers}.`;
  if (completions === questions) return `${answers} and typing.`;
  return `${answers}; keep ${completions.name} for typing.`;
}

function downloadText(model: JudgedModel): string {
  return (
    `${model.name}, which is not here, would be larger and is estimated to answer at ${tokensText(model)}; ` +
    `fetch it with "entropane models fetch ${model.name}".`
  );
}

function speedText(model: JudgedModel, verb: string): string {
  const text = `${verb} at ${tokensText(model)}`;
  return model.isMeasured ? text : `${text} (estimated)`;
}

function tokensText({ pace }: JudgedModel): string {
  const speed = pace?.decodeTokensPerSecond ?? 0;
  return `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tok/s`;
}
