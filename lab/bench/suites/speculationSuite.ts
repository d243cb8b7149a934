import { categoriesPart } from '../categoriesPart.ts';
import { renamesPart } from '../renamesPart.ts';
import { requestClassesPart } from '../requestClassesPart.ts';
import { sourcesPart } from '../sourcesPart.ts';
import { readSpecBench } from '../tasks/specBench.ts';
import { notCompared, type Suite, withModel } from './suite.ts';
import type { PartResult } from '../figure.ts';

/** Drafts as the governor chooses them, where they help and where they must do no harm. Greedy. */
export const speculationSuite: Suite = {
  name: 'speculation',
  summary: 'Tokens per second with speculation, against without and against llama-server’s ways to speculate',
  parts: ['edit', 'classes', 'categories', 'sources'],
  rounds: 1,
  minutesPerRound: 11,
  usesTools: true,
  checkFiles: async ({ dataFolder, includes }) => {
    if (dataFolder !== null && includes('categories')) await readSpecBench(dataFolder);
  },
  run: async (context) => {
    const parts: PartResult[] = [];
    if (context.includes('edit')) parts.push(await renamesPart(context));
    if (context.includes('classes')) parts.push(await requestClassesPart(context));
    if (context.includes('categories')) parts.push(await categoriesPart(context));
    if (context.includes('sources')) parts.push(await sourcesPart(context));
    return {
      figures: parts.flatMap(({ figures }) => figures),
      setup: {},
      notes: [
        ...parts.flatMap(({ notes }) => notes),
        ...(context.tools['llama-server'] === null ? [notCompared('llama-server')] : []),
      ],
      backend: await withModel(context, {}, (model) => Promise.resolve(model.info.backend)),
    };
  },
};
