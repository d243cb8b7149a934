import { mean } from '../../sidecar/numeric/mean.ts';
import type { Figure, PartResult } from './figure.ts';
import { chatTokens } from './prompts.ts';
import { type SuiteContext, withModel } from './suites/suite.ts';
import {
  choosePrompts,
  readSpecBench,
  specBenchCategories,
  type SpecBenchCategory,
  specBenchFile,
} from './tasks/specBench.ts';
import {
  acceptanceBySource,
  type Comparison,
  describePartings,
  overallRatio,
  pairedSpeeds,
} from './textComparison.ts';
import { engineContender, latestSpeeds, runInTurn } from './textRun.ts';
import { warmUp } from './warmUp.ts';

const tokens = 128;
const seed = 1;

/**
 * Prompts of Spec-Bench's six categories with drafts as the governor chooses them, against none. One model drafts for
 * all of them in a row, as it would for a user, and each prompt is seen once.
 */
export async function categoriesPart(context: SuiteContext): Promise<PartResult> {
  const { dataFolder, promptsPerCategory: count, signal } = context;
  if (dataFolder === null) {
    return {
      figures: [],
      notes: [`Spec-Bench was not measured: --data names no folder with ${specBenchFile}.`],
    };
  }
  const prompts = choosePrompts(await readSpecBench(dataFolder), { count, seed });
  const runs = await withModel(context, { speculation: 'off' }, (plain) =>
    withModel(context, { speculation: 'auto' }, async (drafting) => {
      const contenders = [engineContender('off', plain), engineContender('auto', drafting)];
      await warmUp(plain, contenders, signal);
      const requests = await Promise.all(
        prompts.map(async ({ text }) => {
          const prompt = await chatTokens(plain, text);
          return { prompt, tokens, requestClass: 'chat' } as const;
        }),
      );
      return runInTurn(
        contenders,
        requests,
        (index, latest) => {
          const category = prompts[index]?.category ?? '';
          context.note(`  ${category} ${index + 1} of ${prompts.length}, tok/s: ${latestSpeeds(latest)}`);
        },
        signal,
      );
    }),
  );
  const comparisonOf = (category: SpecBenchCategory): Comparison => {
    const isOfIt = (_: unknown, index: number): boolean => prompts[index]?.category === category;
    return {
      subjectName: 'auto',
      subject: (runs.get('auto') ?? []).filter(isOfIt),
      baselineName: 'off',
      baseline: (runs.get('off') ?? []).filter(isOfIt),
    };
  };
  const comparisons = specBenchCategories.map((category) => ({
    category,
    comparison: comparisonOf(category),
  }));
  return { figures: figuresOf(comparisons), notes: notesOf(comparisons, count) };
}

type CategoryComparisons = readonly {
  readonly category: SpecBenchCategory;
  readonly comparison: Comparison;
}[];

function figuresOf(comparisons: CategoryComparisons): readonly Figure[] {
  const overall = comparisons.map(({ category, comparison }) => overallRatio(category, comparison));
  const ratios = overall.map(({ value }) => value);
  const worst = overall.toSorted((a, b) => a.value - b.value)[0];
  return [
    ...comparisons.map(({ category, comparison }) => pairedSpeeds(`Spec-Bench ${category}`, comparison)),
    ...overall.map((figure) => ({ ...figure, name: `Spec-Bench ${figure.name}` })),
    {
      type: 'single',
      name: 'Spec-Bench, mean over categories: auto ÷ off',
      unit: 'ratio',
      value: mean(ratios),
      basis: `the ratios of ${ratios.length} categories`,
    },
    ...(worst === undefined
      ? []
      : [
          {
            ...worst,
            name: 'Spec-Bench, worst category: auto ÷ off',
            basis: `${worst.name}, ${worst.basis}`,
          },
        ]),
  ];
}

function notesOf(comparisons: CategoryComparisons, count: number): readonly string[] {
  const accepted = comparisons.map(({ category, comparison }) => {
    const shares = [...acceptanceBySource(comparison.subject)].map(
      ([source, share]) => `${share.toFixed(2)} of ${source}`,
    );
    return `${category} ${shares.length === 0 ? 'nothing drafted' : shares.join(' and ')}`;
  });
  return [
    `Spec-Bench: first turns of ${count} prompts of each category, chosen by seed ${seed}, ${tokens} tokens at most, greedy.`,
    `Spec-Bench, drafted tokens accepted: ${accepted.join(', ')}.`,
    ...comparisons.map(({ category, comparison }) => describePartings(category, comparison)),
  ];
}
