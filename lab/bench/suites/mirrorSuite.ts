import { openPair } from '../draftingPair.ts';
import type { Figure } from '../figure.ts';
import { DraftingLoop, type DraftingOrder, type DraftingRun } from '../mirroredDrafting.ts';
import { countingText, storyQuestion } from '../prompts.ts';
import { measureFigure, type Suite, type SuiteResult, withModel } from './suite.ts';

const tokens = 64;
const draftTokens = 4;
/** The first is guessed right throughout, which is the most that drafting can give; the second is as hard as prose is. */
const texts = [
  { name: 'counting', text: countingText },
  { name: 'a story', text: `${storyQuestion}\n\n` },
] as const;

/**
 * A draft model beside the one it drafts for: drafting and verifying in turns against plain decoding, and at the same
 * time (Mirror-SD, arXiv 2510.13161) against in turns. Greedy, drafts of four tokens, no governor.
 */
export const mirrorSuite: Suite = {
  name: 'mirror',
  summary: 'Tokens per second with a draft model: in turns, and drafting while verifying',
  parts: [],
  rounds: 3,
  minutesPerRound: 0.7,
  run: async (context): Promise<SuiteResult> => {
    const { bundleFolder, modelPath, drafts, threads, trials, signal } = context;
    const [draft] = drafts;
    if (draft === undefined) {
      const backend = await withModel(context, {}, (model) => Promise.resolve(model.info.backend));
      return {
        figures: [],
        setup: {},
        notes: ['Nothing was measured: give a model that drafts with --draft.'],
        backend,
      };
    }
    for (const path of [modelPath, draft.path]) await trials.admit({ path, adapterPath: null }, signal);
    using opened = await openPair({ bundleFolder, targetPath: modelPath, draft, threads });
    const { pair, vocabulary, backend } = opened;
    const loop = new DraftingLoop(pair);
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const { name, text } of texts) {
      const prompt = vocabulary.tokenize(text, true);
      const runs = new Map<DraftingOrder, DraftingRun>();
      const speed = (order: DraftingOrder) => async (): Promise<number> => {
        const run = await loop.run({ order, prompt, tokens, draftTokens }, signal);
        runs.set(order, run);
        return (1000 * run.tokens.length) / run.durationMs;
      };
      for (const [subject, baseline] of [
        ['serial', 'plain'],
        ['mirrored', 'serial'],
      ] as const) {
        const figure = { name, unit: 'tok/s', subjectName: subject, baselineName: baseline } as const;
        const measure = { subject: speed(subject), baseline: speed(baseline) };
        figures.push(await measureFigure(context, figure, measure));
      }
      notes.push(
        ...[...runs].flatMap(([order, run]) => (order === 'plain' ? [] : [describe(name, order, run)])),
      );
    }
    return { figures, setup: { draftTokens }, notes, backend };
  },
};

function describe(name: string, order: DraftingOrder, run: DraftingRun): string {
  const { draftedCount, acceptedCount, roundCount, mirroredCount } = run;
  const share =
    order === 'mirrored' ? `, ${mirroredCount} of ${roundCount} drafts were ready in time and right` : '';
  return `${name}, ${order}: ${acceptedCount} of ${draftedCount} drafted tokens were accepted${share}.`;
}
