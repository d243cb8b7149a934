import path from 'node:path';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { machineStorePath } from '../../../sidecar/models/machineStore.ts';
import {
  loadValueHead,
  valueHeadFolderOf,
  valueHeadPath,
} from '../../../sidecar/reasoning/value/valueHead.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import type { CalibrationQuestion } from '../../calibrate/questionFile.ts';
import { contextFor, parallelFitting } from '../../calibrate/sampleQuestions.ts';
import { growValueSet, roomOf, valuePlanFor } from '../../calibrate/valueSet/growValueSet.ts';
import { readStates } from '../../calibrate/valueSet/statesFile.ts';
import type { StatedQuestion } from '../../calibrate/valueSet/valueQuestion.ts';
import { readQuestionSet } from '../reasoning/questionSet.ts';
import { readHeadFacts, requireNotFitted } from '../value/headFacts.ts';
import { judgeByHead } from '../value/judgedQuestions.ts';
import { valueFigures } from '../value/valueFigures.ts';
import { type Suite, type SuiteContext, type SuiteResult, withModel } from './suite.ts';

/** Samples as those of a value set, but eight of each question and by another seed. */
const plan = { samples: 8, temperature: 0.7, maxThoughtTokens: defaultSettings.maxThoughtTokens, seed: 1 };
const sampledAtOnce = 16;
const room = roomOf(plan, sampledAtOnce);

export const valueSuite: Suite = {
  name: 'value',
  summary: 'A value head on questions that it was not fitted to, and what choosing and stopping by it gives',
  parts: [],
  rounds: 1,
  minutesPerRound: 90,
  needsData: true,
  checkFiles: async (context) => {
    await questionsOf(context);
  },
  run: async (context) => {
    const questions = await questionsOf(context);
    if (questions.length === 0) {
      const why = `${context.reasoning.setName} has no questions with an answer, so nothing was judged.`;
      return { figures: [], setup: setupOf(context), notes: [why], backend: 'none' };
    }
    const options = { contextTokens: contextFor(questions, room), maxSequences: 32 };
    return withModel(context, options, (model) => judgeHead(context, model, questions));
  },
};

/** Without a head there are no figures, and a note says so. */
async function judgeHead(
  context: SuiteContext,
  model: Model,
  questions: readonly CalibrationQuestion[],
): Promise<SuiteResult> {
  const { backend, identity } = model.info;
  const setup = setupOf(context);
  const folder = valueHeadFolderOf(machineStorePath({ storePath: '', environment: process.env }));
  const { head, note } = await loadValueHead(folder, model.info);
  if (head === null) {
    const why = note ?? `There is no value head of ${identity.name}, so nothing was judged.`;
    return { figures: [], setup, notes: [why], backend };
  }
  try {
    const facts = await readHeadFacts(valueHeadPath(folder, model.info));
    requireNotFitted(questions, facts);
    const states = await sampledStates(context, model, questions);
    const judged = await judgeByHead(head, states, facts.rightShares);
    const { settledAt, hopelessBelow, kappa } = head.rules;
    const rules = `Rules of the head: κ = ${kappa}, settled at ${settledAt}, hopeless below ${hopelessBelow} right answers a thousand tokens.`;
    return { figures: valueFigures(judged, head.rules), setup, notes: [rules], backend };
  } finally {
    await head.dispose();
  }
}

function setupOf({ reasoning }: SuiteContext): SuiteResult['setup'] {
  return { set: reasoning.setName, samples: plan.samples };
}

/** Samples what is missing, and reads the states of these questions. What was sampled is kept for the next run. */
async function sampledStates(
  { reasoning: { rawFolder, setName }, note, signal }: SuiteContext,
  model: Model,
  questions: readonly CalibrationQuestion[],
): Promise<AsyncIterable<StatedQuestion>> {
  const { identity, contextTokens } = model.info;
  const statesPath = path.join(rawFolder, `value-${setName}-${identity.hash.slice(0, 12)}.states`);
  const onProgress = (done: number, total: number): void => {
    if (done % 10 === 0) note(`  ${total - done} of ${total} questions wait`);
  };
  const task = {
    questions,
    plan: valuePlanFor(plan, identity),
    parallel: parallelFitting(contextTokens, questions, room),
    ...{ statesPath, packed: null, onProgress },
  };
  await growValueSet(model, task, signal);
  return readStatesOf(statesPath, questions);
}

async function* readStatesOf(
  statesPath: string,
  questions: readonly CalibrationQuestion[],
): AsyncGenerator<StatedQuestion, void, void> {
  const wanted = new Set(questions.map(({ hash }) => hash));
  for await (const question of readStates(statesPath)) if (wanted.has(question.questionHash)) yield question;
}

/** None of a set of programs. Throws as `readQuestionSet` does. */
async function questionsOf({
  dataFolder,
  reasoning: { setName, from, limit },
}: Pick<SuiteContext, 'dataFolder' | 'reasoning'>): Promise<readonly CalibrationQuestion[]> {
  if (dataFolder === null) return [];
  const set = await readQuestionSet(dataFolder, setName);
  return set.questions
    .slice(from, from + limit)
    .flatMap(({ id, question, hash, expected }) =>
      typeof expected === 'string' ? [{ id, question, hash, answer: expected }] : [],
    );
}
