import type { Model } from '../../sidecar/engine/engine.ts';
import { LlamaServer, modellessSpeculations } from './baselines/llamaServer.ts';
import type { Figure, PartResult, SingleFigure } from './figure.ts';
import { chatTokens } from './prompts.ts';
import { type SuiteContext, withModel } from './suites/suite.ts';
import { renameOutcome, type RenameOutcome, renameQuestion, type RenameTask } from './tasks/renameTask.ts';
import { pythonRenames } from './tasks/pythonRenames.ts';
import { typescriptRenames } from './tasks/typescriptRenames.ts';
import {
  acceptanceFigures,
  type Comparison,
  describePartings,
  overallRatio,
  pairedSpeeds,
  speedOfAll,
} from './textComparison.ts';
import {
  type ContenderRuns,
  engineContender,
  latestSpeeds,
  runInTurn,
  serverContender,
  type TextRun,
} from './textRun.ts';
import { warmUp } from './warmUp.ts';

const tasks: readonly RenameTask[] = [...pythonRenames, ...typescriptRenames];
/** More than any of the files is long. */
const mostTokens = 400;
const partName = 'edit and rewrite';
const auto = 'auto';
const off = 'off';
const plainServer = 'llama-server';

/**
 * Ten files printed again with a function renamed: the engine with drafts as the governor chooses them, without, and
 * llama-server with each way to draft from the text alone. All start each round anew and see each task once, so that
 * nobody drafts from an answer it has given already.
 */
export async function renamesPart(context: SuiteContext): Promise<PartResult> {
  const rounds: ContenderRuns[] = [];
  for (let round = 0; round < context.rounds; round++) rounds.push(await editRound(context));
  const runsOf = (name: string): readonly TextRun[] => rounds.flatMap((runs) => runs.get(name) ?? []);
  const against = (subjectName: string, baselineName: string): Comparison => ({
    subjectName,
    subject: runsOf(subjectName),
    baselineName,
    baseline: runsOf(baselineName),
  });
  const servers = [...(rounds[0]?.keys() ?? [])].filter((name) => name.startsWith(plainServer));
  const best = bestOf(servers.filter((name) => name !== plainServer).map((name) => [name, runsOf(name)]));
  const figures: Figure[] = [
    pairedSpeeds(partName, against(auto, off)),
    ...servers.map((name) => pairedSpeeds(partName, against(auto, name))),
    overallRatio(partName, against(auto, off)),
    ...servers.map((name) => overallRatio(partName, against(auto, name))),
    ...(best === null
      ? []
      : [{ ...overallRatio(partName, against(auto, best)), name: `${partName}: auto ÷ best --spec-type` }]),
    ...[auto, off, ...servers].flatMap((name) => qualities(name, runsOf(name))),
  ];
  const notes = [
    describeCopies(off, runsOf(off)),
    describePartings(partName, against(auto, off)),
    ...servers.map((name) => describePartings(partName, against(off, name))),
    'llama-server’s speed is by its own clock, without the prompt and without HTTP; each --spec-type has its own default lengths.',
  ];
  return { figures, notes };
}

/** The name whose runs were fastest over all tokens; null of none. */
function bestOf(entries: readonly (readonly [string, readonly TextRun[]])[]): string | null {
  const ranked = entries.toSorted(([, a], [, b]) => speedOfAll(b) - speedOfAll(a));
  return ranked[0]?.[0] ?? null;
}

function qualities(name: string, runs: readonly TextRun[]): readonly SingleFigure[] {
  const outcomes = outcomesOf(runs);
  const sum = (member: 'asked' | 'made'): number =>
    outcomes.reduce((all, outcome) => all + outcome[member], 0);
  const whole = outcomes.filter(({ isWhole }) => isWhole).length;
  return [
    {
      type: 'single',
      name: `${partName}: requested changes made, ${name}`,
      unit: 'share',
      value: sum('made') / sum('asked'),
      basis: `${sum('made')} of ${sum('asked')} names and annotations; all of them in ${whole} of ${runs.length} texts`,
    },
    ...acceptanceFigures(partName, name, runs),
  ];
}

/** Says how many texts have none of the edits, since their speed depends on it. */
function describeCopies(name: string, runs: readonly TextRun[]): string {
  const copies = outcomesOf(runs).filter(({ made }) => made === 0).length;
  return (
    `${partName}: ${copies} of ${runs.length} texts of ${name} have none of the requested changes. The fewer changes a model ` +
    'makes, the more of its text is in the prompt, and the better drafts from there predict it.'
  );
}

/** Runs are of all tasks, round after round. */
function outcomesOf(runs: readonly TextRun[]): readonly RenameOutcome[] {
  return runs.flatMap((run, index) => {
    const task = tasks[index % tasks.length];
    return task === undefined ? [] : [renameOutcome(task, run.text)];
  });
}

function editRound(context: SuiteContext): Promise<ContenderRuns> {
  return withModel(context, { speculation: 'off' }, (plain) =>
    withModel(context, { speculation: 'auto' }, (drafting) =>
      withServers(context, (servers) => runTasks(context, { plain, drafting, servers })),
    ),
  );
}

interface Sides {
  readonly plain: Model;
  readonly drafting: Model;
  readonly servers: ReadonlyMap<string, LlamaServer>;
}

async function runTasks(context: SuiteContext, { plain, drafting, servers }: Sides): Promise<ContenderRuns> {
  const contenders = [
    engineContender(off, plain),
    engineContender(auto, drafting),
    ...[...servers].map(([name, server]) => serverContender(name, server)),
  ];
  await warmUp(plain, contenders, context.signal);
  const prompts = await Promise.all(tasks.map((task) => chatTokens(plain, renameQuestion(task))));
  const requests = prompts.map((prompt) => ({ prompt, tokens: mostTokens, requestClass: 'edit' }) as const);
  return runInTurn(
    contenders,
    requests,
    (index, runs) => {
      context.note(`  ${partName} ${index + 1} of ${tasks.length}, tok/s: ${latestSpeeds(runs)}`);
    },
    context.signal,
  );
}

/** Starts a plain llama-server and one for each way to draft, and stops them all whatever happens. */
async function withServers<T>(
  { tools, modelPath, threads, signal }: SuiteContext,
  use: (servers: ReadonlyMap<string, LlamaServer>) => Promise<T>,
): Promise<T> {
  const servers = new Map<string, LlamaServer>();
  const toolPath = tools['llama-server'];
  try {
    for (const type of toolPath === null ? [] : [null, ...modellessSpeculations]) {
      const common = { modelPath, threads, contextTokens: 2048, slots: 1 };
      const options = type === null ? common : { ...common, speculation: { type } };
      const name = type === null ? plainServer : `${plainServer} ${type}`;
      if (toolPath !== null) servers.set(name, await LlamaServer.start(toolPath, options, signal));
    }
    return await use(servers);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}
