import type { Model } from '../../sidecar/engine/engine.ts';
import { decodeOn, greedy, withPrompt, type DecodeRun } from '../decodeRun.ts';
import { measurePairs, type Figure } from '../figure.ts';
import { chatTokens, rewriteQuestion, storyQuestion } from '../prompts.ts';
import { withModel, type Suite } from './suite.ts';

const tokens = 320;
const tasks = [
  { name: 'print a file again with one name changed', question: rewriteQuestion },
  { name: 'write a story', question: storyQuestion },
] as const;

/** Drafts as the governor chooses them against none, where they help and where they must do no harm. Greedy. */
export const speculationSuite: Suite = {
  name: 'speculation',
  summary: 'Tokens per second with speculation, against without',
  run: (context) =>
    withModel(context, { speculation: 'off' }, (plain) =>
      withModel(context, { speculation: 'auto' }, async (drafting) => {
        const { rounds, signal } = context;
        const figures: Figure[] = [];
        const notes: string[] = [];
        for (const { name, question } of tasks) {
          const prompt = await chatTokens(plain, question);
          const run = (model: Model): Promise<DecodeRun> =>
            withPrompt(
              model,
              prompt,
              (sequence) => decodeOn(sequence, { tokens, sampler: greedy, seed: 1, alternatives: 5 }, signal),
              signal,
            );
          const speed = async (model: Model): Promise<number> => {
            const { ids, durationMs } = await run(model);
            return (1000 * ids.length) / durationMs;
          };
          const pairs = await measurePairs(rounds, {
            subject: () => speed(drafting),
            baseline: () => speed(plain),
          });
          figures.push({
            type: 'paired',
            name,
            unit: 'tok/s',
            subjectName: 'auto',
            baselineName: 'off',
            pairs,
          });
          notes.push(`${name}: ${describeAgreement(await run(drafting), await run(plain))}`);
        }
        return { figures, setup: {}, notes, backend: plain.info.backend };
      }),
    ),
};

function describeAgreement(drafting: DecodeRun, plain: DecodeRun): string {
  const difference = drafting.ids.findIndex((id, index) => id !== plain.ids[index]);
  const same = difference === -1 ? 'the same text' : `the same text up to token ${difference}`;
  return `${same}, ${drafting.draftedCount} of ${drafting.ids.length} tokens were accepted drafts.`;
}
