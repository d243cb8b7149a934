import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import type { DraftRequest, Model } from '../../sidecar/engine/engine.ts';
import { LlamaServer } from './baselines/llamaServer.ts';
import type { Figure, PartResult } from './figure.ts';
import { chatTokens, openQuestions } from './prompts.ts';
import { type SuiteContext, withModel } from './suites/suite.ts';
import { acceptanceFigures, describePartings, overallRatio, pairedSpeeds } from './textComparison.ts';
import {
  type Contender,
  type ContenderRuns,
  engineContender,
  latestSpeeds,
  runInTurn,
  serverContender,
} from './textRun.ts';
import { warmUp } from './warmUp.ts';

const tokens = 128;
const off = 'off';

/**
 * Each model that may draft, forced on and as the governor chooses, against none, on questions whose answers nothing
 * foretells: there a look-up in the text finds next to nothing, and what is gained is the draft model's.
 */
export async function sourcesPart(context: SuiteContext): Promise<PartResult> {
  const parts: PartResult[] = [];
  for (const draft of context.drafts) parts.push(await sourcePart(context, draft));
  const missing = 'Models that draft were not measured: --draft names none.';
  return {
    figures: parts.flatMap(({ figures }) => figures),
    notes: context.drafts.length === 0 ? [missing] : parts.flatMap(({ notes }) => notes),
  };
}

async function sourcePart(context: SuiteContext, draft: DraftRequest): Promise<PartResult> {
  const drafts = [draft];
  return withModel(context, { speculation: 'off' }, (plain) =>
    withModel(context, { speculation: 'on', drafts }, async (forced) => {
      const refusal = requireLocal(forced.info).drafts.find(({ error }) => error !== null)?.error ?? null;
      if (refusal !== null) {
        return { figures: [], notes: [`${draft.source} cannot draft here: ${refusal.message}`] };
      }
      const runs = await withModel(context, { speculation: 'auto', drafts }, (governed) =>
        withServer(context, draft, (server) =>
          runQuestions(context, plain, [
            engineContender(off, plain),
            engineContender(`${draft.source} on`, forced),
            engineContender(`${draft.source} auto`, governed),
            ...server,
          ]),
        ),
      );
      return { figures: figuresOf(runs), notes: notesOf(runs) };
    }),
  );
}

async function runQuestions(
  context: SuiteContext,
  plain: Model,
  contenders: readonly Contender[],
): Promise<ContenderRuns> {
  await warmUp(plain, contenders, context.signal);
  const prompts = await Promise.all(openQuestions.map((question) => chatTokens(plain, question)));
  const requests = prompts.map((prompt) => ({ prompt, tokens, requestClass: 'chat' }) as const);
  return runInTurn(
    contenders,
    requests,
    (index, latest) => {
      context.note(`  ${name} ${index + 1} of ${requests.length}, tok/s: ${latestSpeeds(latest)}`);
    },
    context.signal,
  );
}

const name = 'open questions';

function comparisonsOf(runs: ContenderRuns) {
  const baseline = runs.get(off) ?? [];
  return [...runs]
    .filter(([subjectName]) => subjectName !== off)
    .map(([subjectName, subject]) => ({ subjectName, subject, baselineName: off, baseline }));
}

function figuresOf(runs: ContenderRuns): readonly Figure[] {
  return comparisonsOf(runs).flatMap((comparison) => [
    pairedSpeeds(name, comparison),
    overallRatio(name, comparison),
    ...acceptanceFigures(name, comparison.subjectName, comparison.subject),
  ]);
}

function notesOf(runs: ContenderRuns): readonly string[] {
  return comparisonsOf(runs).map((comparison) => describePartings(name, comparison));
}

/** llama-server drafting with the same model, where it is at hand. */
async function withServer<T>(
  { tools, modelPath, threads, signal }: SuiteContext,
  { path }: DraftRequest,
  use: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const toolPath = tools['llama-server'];
  if (toolPath === null) return use([]);
  const speculation = { type: 'draft-simple', draftModelPath: path } as const;
  const options = { modelPath, threads, contextTokens: 2048, slots: 1, speculation };
  const server = await LlamaServer.start(toolPath, options, signal);
  try {
    return await use([serverContender('llama-server draft-simple', server)]);
  } finally {
    await server.stop();
  }
}
