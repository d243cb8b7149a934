import path from 'node:path';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { Budget } from '../../../protocol/budget.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import { confidencePruningChoices, consensusChoices, earlyStop } from '../../../protocol/earlyStopTable.ts';
import type { AskParams, AskResult, EarlyStopping, StepSearchSettings } from '../../../protocol/messages.ts';
import { selectorIds, selectorTexts } from '../../../protocol/selectorTable.ts';
import { difficultyChoices, optionText } from '../../../protocol/settingsTable.ts';
import { textWithStanding } from '../../../protocol/standing.ts';
import { strategyIds, strategyTexts, takesParameter } from '../../../protocol/strategyTable.ts';
import { thinkChoices } from '../../../protocol/thinking.ts';
import { systemClock } from '../../process/clock.ts';
import { present } from '../../validation/fieldReader.ts';
import {
  budgetRange,
  candidateRange,
  diagnosticRange,
  maxStepsRange,
  secondsRange,
  seedRange,
  stepChildrenRange,
  temperatureRange,
  thoughtRange,
  trialConfidenceRange,
} from '../../validation/parameterRanges.ts';
import { askQuestion } from '../askQuestion.ts';
import { batchOptions, parallelOption } from '../batch/batchOptions.ts';
import { type QuestionRow, readQuestionRow } from '../batch/batchRows.ts';
import { routeOption } from '../batch/routeOption.ts';
import { runBatchFile } from '../batch/runBatchFile.ts';
import {
  choiceOption,
  defineCommand,
  jsonOption,
  fastModelOption,
  modelOptions,
  numberOption,
  type OptionSpecs,
  type OptionValues,
  UsageError,
} from '../command.ts';
import { asBound, asSetting } from '../optionSpec.ts';
import { readInputFile } from '../inputFile.ts';
import { languageOf } from '../languageOf.ts';
import { type OpenSidecarOptions, sidecarFor, withSidecar } from '../openSidecar.ts';
import { answeringServer, serverOptions } from '../serverOptions.ts';
import type { SidecarClient } from '../sidecarClient.ts';
import type { Terminal } from '../terminal.ts';

/** Options of everything that asks a question. */
export const askOptions = {
  ...modelOptions,
  ...fastModelOption,
  strategy: {
    type: 'string',
    placeholder: 'NAME',
    description: 'How it is worked on',
    choices: strategyTexts,
    ...asSetting('strategy'),
  },
  candidates: {
    type: 'string',
    placeholder: 'N',
    description: 'Candidates that vote, decoded side by side',
    ...asSetting('candidates'),
  },
  selector: {
    type: 'string',
    placeholder: 'NAME',
    description: 'Decides among the candidates',
    choices: selectorTexts,
    ...asSetting('selector'),
  },
  budget: {
    type: 'string',
    placeholder: 'N',
    description: 'Tokens that all candidates may generate together',
    ...asBound('budgetTokens'),
  },
  'step-children': {
    type: 'string',
    placeholder: 'N',
    description: 'Next steps that a search over steps (stepBeam, aStar) tries after each it keeps',
    ...asSetting('stepChildren'),
  },
  'max-steps': {
    type: 'string',
    placeholder: 'N',
    description: 'Steps after which it has a thought answer',
    ...asSetting('maxSteps'),
  },
  seconds: {
    type: 'string',
    placeholder: 'S',
    description: 'Time that the answer may take',
    ...asBound('budgetSeconds'),
  },
  'max-thought': {
    type: 'string',
    placeholder: 'N',
    description: 'Thought tokens of one candidate at most',
    ...asSetting('maxThoughtTokens'),
  },
  consensus: {
    type: 'string',
    placeholder: 'WHEN',
    description: stopText('consensus'),
    ...asSetting('consensus'),
  },
  pruning: {
    type: 'string',
    placeholder: 'HOW',
    description: stopText('confidencePruning'),
    ...asSetting('confidencePruning'),
  },
  'skip-preamble': {
    type: 'boolean',
    negatable: true,
    description: optionText('skipPreamble', 'Begin thoughts at their first step, without an introduction.'),
    ...asSetting('skipPreamble'),
  },
  think: {
    type: 'string',
    placeholder: 'HOW',
    description: `Whether a model with a thinking mode thinks, and how much: ${thinkChoices.join(', ')}`,
    ...asSetting('think'),
  },
  repair: {
    type: 'boolean',
    negatable: true,
    description: 'Write the best program anew, once, where none passes (directBestOfN)',
    usual: 'on',
  },
  'steady-answers': {
    type: 'boolean',
    negatable: true,
    description: stopText('steadyAnswers'),
    ...asSetting('steadyAnswers'),
  },
  'trial-confidence': {
    type: 'string',
    placeholder: 'P',
    description: stopText('trialConfidence'),
    ...asSetting('trialConfidence'),
  },
  temperature: {
    type: 'string',
    placeholder: 'T',
    description: '0 is greedy',
    range: temperatureRange,
    usual: "the strategy's own",
  },
  memory: {
    type: 'boolean',
    negatable: true,
    description: optionText(
      'strategyMemory',
      'Choose by what worked on such questions, and remember this one',
    ),
    ...asSetting('strategyMemory'),
  },
  difficulty: {
    type: 'string',
    placeholder: 'CLASS',
    description: 'measured: judged by the model; easy: no thought; normal: one; hard: a vote of up to eight',
    ...asSetting('difficulty'),
  },
} as const satisfies OptionSpecs;

const askCommandOptions = {
  ...askOptions,
  ...serverOptions,
  attach: { type: 'string', placeholder: 'FILE', description: 'Code that the question is about' },
  follow: {
    type: 'string',
    placeholder: 'ID',
    description: 'Go on with the conversation of this question: the name of its trace',
  },
  route: {
    type: 'string',
    placeholder: 'A,B',
    description: optionText(
      'route',
      "Installed models, smallest first: the last answers, the first what you call easy. Left to the smaller model's own judgement:",
    ),
  },
  diagnostics: {
    type: 'string',
    placeholder: 'N',
    description: 'Errors and warnings known for it, a sign of difficulty',
    range: diagnosticRange,
  },
  verify: {
    type: 'string',
    placeholder: 'COMMAND',
    description: 'Test code with this command in a copy of this folder',
  },
  ...batchOptions('Rows {"id", "question"}, one JSON object a line'),
  ...jsonOption,
} as const satisfies OptionSpecs;

export const askCommand = defineCommand({
  name: 'ask',
  summary: 'Answer a question',
  usage: 'ask [options] QUESTION  |  ask [options] --batch FILE.jsonl',
  options: askCommandOptions,
  run: async ({ values, positionals, terminal }, signal) => {
    const { verify } = values;
    const asked = askParams(values);
    const defaults = verify === undefined ? prunedDefaults(asked) : verifiedDefaults(asked);
    const options = { ...defaults, ...asked };
    const question = positionals.join(' ').trim();
    if ((values.batch === undefined) === (question === ''))
      throw new UsageError('Give either a question or --batch FILE.');
    const parallel = parallelOption(values);
    if (values.attach !== undefined && values.batch !== undefined)
      throw new UsageError('--attach goes with one question, not with --batch.');
    if (values.diagnostics !== undefined && values.attach === undefined)
      throw new UsageError('--diagnostics goes with --attach.');
    if (values.follow !== undefined && values.batch !== undefined)
      throw new UsageError('--follow goes with one question, not with --batch.');
    const diagnosticCount = numberOption(values.diagnostics, 'diagnostics', diagnosticRange);
    const isQuiet = values.json === true;
    const server = await answeringServer(values, 'The question', terminal);
    const route = routeOption(values);
    const opened = verify === undefined ? sidecarFor(values, terminal) : verifyingSidecar(values, terminal);
    const routed = route.length === 0 ? {} : { route: route.slice(0, -1) };
    // The last of the route is the model that serves, whatever the others leave.
    const sidecar = {
      ...opened,
      server,
      settings: { ...opened.settings, ...present({ model: route.at(-1) }) },
    };
    if (values.batch !== undefined) {
      const runRow = async (client: SidecarClient, row: QuestionRow, rowSignal: AbortSignal) => {
        const params = { ...options, ...routed, question: row.question };
        return rowResult(await client.request('entropane/ask', params, { signal: rowSignal }));
      };
      const { batch: path, output } = values;
      return runBatchFile({ path, output, parallel, readRow: readQuestionRow, runRow }, sidecar, signal);
    }
    const attachments =
      values.attach === undefined ? undefined : [await readAttachment(values.attach, diagnosticCount)];
    const follows = values.follow === undefined ? undefined : path.basename(values.follow, '.jsonl');
    const params = { ...options, ...routed, question, ...present({ attachments, follows }) };
    return withSidecar(sidecar, (client) =>
      isQuiet
        ? askAsJson(client, params, terminal, signal)
        : askQuestion(client, params, { terminal, clock: systemClock, signal }),
    );
  },
});

/** Who prunes by confidence weighs by it too, unless the question says otherwise. */
function prunedDefaults({ earlyStopping }: Pick<AskParams, 'earlyStopping'>): Partial<AskParams> {
  const pruning = earlyStopping?.confidencePruning ?? 'off';
  return pruning === 'off' ? {} : { selector: 'confidenceWeighted' };
}

/** Tests choose among several candidates, unless the question says otherwise. */
function verifiedDefaults({ difficulty }: Pick<AskParams, 'difficulty'>): Partial<AskParams> {
  return { selector: 'verifiedCode', ...(difficulty === undefined ? { strategy: 'selfConsistency' } : {}) };
}

/** A sidecar whose workspace is the folder that the command was given in: who names a command there trusts it. */
function verifyingSidecar(
  values: OptionValues<typeof askCommandOptions>,
  terminal: Terminal,
): OpenSidecarOptions {
  const sidecar = sidecarFor(values, terminal);
  const settings = { ...sidecar.settings, ...present({ verifyCommand: values.verify }) };
  return { ...sidecar, settings, workspaceFolder: process.cwd() };
}

/** Parameters of a question without the question. Throws `UsageError`. */
export function askParams(values: OptionValues<typeof askOptions>): Omit<AskParams, 'question'> {
  const budget: Partial<Budget> = present({
    generatedTokens: numberOption(values.budget, 'budget', budgetRange),
    durationMs: inMilliseconds(numberOption(values.seconds, 'seconds', secondsRange)),
    thoughtTokensPerCandidate: numberOption(values['max-thought'], 'max-thought', thoughtRange),
  });
  const earlyStopping: Partial<EarlyStopping> = present({
    consensus: choiceOption(values.consensus, 'consensus', consensusChoices),
    confidencePruning: choiceOption(values.pruning, 'pruning', confidencePruningChoices),
    steadyAnswers: values['steady-answers'],
    trialConfidence: numberOption(values['trial-confidence'], 'trial-confidence', trialConfidenceRange),
  });
  const stepSearch: Partial<StepSearchSettings> = present({
    stepChildren: numberOption(values['step-children'], 'step-children', stepChildrenRange),
    maxSteps: numberOption(values['max-steps'], 'max-steps', maxStepsRange),
  });
  const strategy = choiceOption(values.strategy, 'strategy', strategyIds);
  if (values.difficulty !== undefined && strategy !== undefined && strategy !== 'auto')
    throw new UsageError('--difficulty chooses the strategy, so it goes with --strategy auto alone.');
  const takesSteps = strategy === undefined || takesParameter(strategy, 'maxSteps');
  if (Object.keys(stepSearch).length > 0 && !takesSteps) {
    const takers = strategyIds.filter((id) => takesParameter(id, 'maxSteps')).join(' or ');
    throw new UsageError(`--step-children and --max-steps go with --strategy ${takers}.`);
  }
  return present({
    strategy,
    selector: choiceOption(values.selector, 'selector', selectorIds),
    candidates: numberOption(values.candidates, 'candidates', candidateRange),
    seed: numberOption(values.seed, 'seed', seedRange),
    temperature: numberOption(values.temperature, 'temperature', temperatureRange),
    strategyMemory: values.memory,
    skipPreamble: values['skip-preamble'],
    repair: values.repair,
    think: choiceOption(values.think, 'think', thinkChoices),
    difficulty: choiceOption(values.difficulty, 'difficulty', difficultyChoices),
    budget: unlessEmpty(budget),
    earlyStopping: unlessEmpty(earlyStopping),
    stepSearch: unlessEmpty(stepSearch),
  });
}

/** What the help says of an early stop. */
function stopText(id: keyof EarlyStopping): string {
  const { meaning, standing } = earlyStop(id);
  return textWithStanding(meaning, standing);
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function unlessEmpty<T extends object>(members: T): T | undefined {
  return Object.keys(members).length === 0 ? undefined : members;
}

async function askAsJson(
  client: SidecarClient,
  params: AskParams,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const result = await client.request('entropane/ask', params, {
    signal,
    onPartial: (events) => {
      for (const event of events) terminal.print(JSON.stringify(event));
    },
  });
  terminal.print(JSON.stringify({ type: 'result', ...result }));
  return result.reason === 'cancelled' ? 1 : 0;
}

/** A cancelled row has no result: it is run again when the batch goes on. */
function rowResult(result: AskResult): AskResult {
  if (result.reason !== 'cancelled') return result;
  throw new CodedError('cancelled', 'The batch was stopped.', 'Run it again to go on.');
}

async function readAttachment(filePath: string, diagnosticCount: number | undefined): Promise<Attachment> {
  const text = await readInputFile(filePath);
  // As the workspace would name it, so that its tests find it there.
  const relative = path.relative(process.cwd(), filePath);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  const place = isBelow ? relative : path.basename(filePath);
  return { languageId: languageOf(filePath), path: place, text, ...present({ diagnosticCount }) };
}
