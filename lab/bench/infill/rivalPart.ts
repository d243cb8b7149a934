import { notCompared, type SuiteContext } from '../suites/suite.ts';
import type { InfillTask } from '../tasks/infillTask.ts';
import { runPython } from '../tasks/runPython.ts';
import { askRival, type RivalOrder, startRival } from '../typing/rivalSide.ts';
import { figuresOf, type InfillPartContext, type AnsweredRow, testTimeoutMs } from './infillPart.ts';
import { beforeRepeatedSuffix, filledProgram } from './infillScore.ts';
import { infillSetKinds, readInfillSet } from './infillSet.ts';
import type { PartResult } from '../figure.ts';

const orders = ['prefixFirst', 'suffixFirst'] as const satisfies readonly RivalOrder[];

type RivalContext = InfillPartContext & Pick<SuiteContext, 'tools' | 'modelPath' | 'threads'>;

/**
 * The rows of every set completed by llama-server as llama.vscode drives it, prefix first and with `--spm-infill`, and scored
 * as the product's are. Nothing is kept: a run that is interrupted begins again.
 */
export async function rivalPart(context: RivalContext): Promise<PartResult> {
  const toolPath = context.tools['llama-server'];
  if (toolPath === null) return { figures: [], notes: [notCompared('llama-server')] };
  const results: PartResult[] = [];
  for (const order of orders) results.push(await rowsOf({ ...context, toolPath, order }));
  return {
    figures: results.flatMap(({ figures }) => figures),
    notes: [
      'llama-server: its text up to where it repeats the first line after the cursor’s, within 500 ms of generation, as llama.vscode asks for it.',
    ],
  };
}

async function rowsOf(
  context: RivalContext & { readonly toolPath: string; readonly order: RivalOrder },
): Promise<PartResult> {
  const { infill, dataFolder, note, order, signal } = context;
  const name = order === 'prefixFirst' ? 'llama-server' : 'llama-server --spm-infill';
  const server = await startRival(context, signal);
  try {
    const results: PartResult[] = [];
    for (const kind of infillSetKinds) {
      const { tasks } = await readInfillSet(dataFolder, kind, infill);
      const rows: AnsweredRow[] = [];
      for (const task of tasks) {
        rows.push({ task, answer: await answerTo(task, { server, signal }) });
        if (rows.length % 10 === 0) note(`  ${kind.name}, ${name}: ${rows.length} of ${tasks.length}`);
      }
      results.push({ figures: figuresOf(`${kind.name}, ${name}`, rows), notes: [] });
    }
    return { figures: results.flatMap(({ figures }) => figures), notes: [] };
  } finally {
    await server.stop();
  }
}

async function answerTo(
  task: InfillTask,
  {
    server,
    signal,
  }: { readonly server: Awaited<ReturnType<typeof startRival>>; readonly signal: AbortSignal },
): Promise<AnsweredRow['answer']> {
  const { prefix, suffix } = task;
  const place = { text: prefix + suffix, offset: prefix.length };
  const answer = await askRival(server, place, [], signal);
  const text = beforeRepeatedSuffix(answer.text, suffix);
  const offered = { text, replacedLength: 0 };
  const outcome =
    text === '' ? 'failed' : await runPython(filledProgram(task, offered), testTimeoutMs, signal);
  return { ...offered, outcome };
}
