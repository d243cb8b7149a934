import type { ValueHead } from '../../../sidecar/reasoning/value/valueHead.ts';
import type { ValuePlace } from '../../../sidecar/reasoning/value/valueFeatures.ts';
import type { HeldOutExample } from '../../calibrate/valueHead/fitValueHead.ts';
import { valueExamplesOf, voteOf } from '../../calibrate/valueHead/valueExamples.ts';
import type { ReplayedQuestion } from '../../calibrate/valueHead/valueReplay.ts';
import type { ScoredQuestion } from '../../calibrate/valueSet/packedValueSet.ts';
import type { StatedQuestion, ValueQuestion } from '../../calibrate/valueSet/valueQuestion.ts';

/** Questions that a head was not fitted to, with what it says of their candidates. */
export interface JudgedQuestions {
  /** Without states. */
  readonly questions: readonly ScoredQuestion[];
  readonly examples: readonly HeldOutExample[];
  /** Candidates in the order in which they were sampled, each with its value at the answer. */
  readonly replayed: readonly ReplayedQuestion[];
}

const noState = new Float32Array();

/**
 * Has a head read the candidates of questions, at the answer and at line ends, each after those sampled before it. `constants` are the
 * shares of right candidates among the questions that it was fitted to. Rejects where the head fails.
 */
export async function judgeByHead(
  head: Pick<ValueHead, 'values'>,
  stated: AsyncIterable<StatedQuestion> | readonly StatedQuestion[],
  constants: Readonly<Record<ValuePlace, number>>,
): Promise<JudgedQuestions> {
  const questions: ScoredQuestion[] = [];
  const examples: HeldOutExample[] = [];
  const replayed: ReplayedQuestion[] = [];
  for await (const { states, ...question } of stated) {
    const points = valueExamplesOf({ ...question, scores: states }, questions.length);
    const values = await head.values(
      points.map(({ place, scores, features }) => ({ place, state: scores, features })),
    );
    const judged = points.map((point, row) => {
      // Whole states of hundreds of questions are not kept.
      return { ...point, scores: noState, value: values[row] ?? NaN, constant: constants[point.place] };
    });
    questions.push({ ...question, scores: [] });
    examples.push(...judged);
    replayed.push(replayedWith(question, judged));
  }
  return { questions, examples, replayed };
}

function replayedWith({ candidates }: ValueQuestion, judged: readonly HeldOutExample[]): ReplayedQuestion {
  return candidates.map((one, candidate) => {
    const atAnswer = judged.find((example) => example.candidate === candidate && example.place === 'answer');
    const { isCorrect, thoughtTokens, answerTokens } = one;
    const tokens = thoughtTokens + answerTokens;
    return { answer: voteOf(one), isCorrect, value: atAnswer?.value ?? 0, tokens };
  });
}
