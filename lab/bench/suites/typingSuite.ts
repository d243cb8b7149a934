import { busyPart } from '../typing/busyPart.ts';
import { questionPart } from '../typing/questionPart.ts';
import { typingFigures } from '../typing/typingFigures.ts';
import { replayTraces } from '../typing/typingPart.ts';
import { notCompared, type Suite, type SuiteContext, withModel } from './suite.ts';
import type { PartResult } from '../figure.ts';

/** Ghost text while somebody types: the sidecar as the extension drives it, beside llama-server as llama.vscode does. */
export const typingSuite: Suite = {
  name: 'typing',
  summary: 'Scripted typing in TypeScript and Python against llama-server, and first answers beside a build',
  parts: ['typing', 'busy', 'question'],
  rounds: 3,
  minutesPerRound: 4,
  usesTools: true,
  run: async (context) => {
    const backend = await withModel(context, {}, ({ info }) => Promise.resolve(info.backend));
    const parts: PartResult[] = [];
    if (context.includes('typing')) parts.push(await typing(context));
    if (context.includes('busy')) parts.push(await busyPart(context));
    if (context.includes('question')) parts.push(await questionPart(context));
    return {
      figures: parts.flatMap(({ figures }) => figures),
      setup: {},
      notes: parts.flatMap(({ notes }) => notes),
      backend,
    };
  },
};

async function typing(context: SuiteContext): Promise<PartResult> {
  const toolPath = context.tools['llama-server'];
  if (toolPath === null) return { figures: [], notes: [notCompared('llama-server')] };
  const pauses = await replayTraces({ ...context, toolPath, limit: context.infill.limit });
  return typingFigures(pauses);
}
