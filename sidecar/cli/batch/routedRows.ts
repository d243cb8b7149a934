import { type Budget, budgetLeft } from '../../../protocol/budget.ts';
import { toCodedError } from '../../../protocol/codedError.ts';
import type { AskParams, AskResult } from '../../../protocol/messages.ts';
import { isSufficient } from '../../reasoning/difficulty/sufficientModel.ts';
import { UsageError } from '../command.ts';
import type { SidecarClient } from '../sidecarClient.ts';
import type { QuestionRow } from './batchRows.ts';

/** Models of `--route`, smallest first, of which the last answers what is left; empty without it. Throws `UsageError`. */
export function routeOption(values: { readonly route?: string; readonly model?: string }): readonly string[] {
  if (values.route === undefined) return [];
  const models = values.route.split(',').map((name) => name.trim());
  if (models.length < 2 || models.includes('') || new Set(models).size < models.length)
    throw new UsageError('--route takes two models or more, smallest first: "--route SMALL,LARGE".');
  if (values.model !== undefined)
    throw new UsageError('--route names the models, so it goes without --model.');
  return models;
}

/**
 * Answers rows model by model, each loaded once: a pass answers what its model does not find hard, and leaves the rest,
 * or all of it where there is no room for the model, to the next. The last answers whatever is left.
 */
export function routedRow(
  client: Pick<SidecarClient, 'request'>,
  route: readonly string[],
  params: Omit<AskParams, 'question'>,
): (row: QuestionRow, signal: AbortSignal, pass: number) => Promise<AskResult | null> {
  const { difficulty = 'measured' } = params;
  /** What the judgements of a row have left of its budget. */
  const left = new WeakMap<QuestionRow, Partial<Budget>>();
  const budgetOf = (row: QuestionRow): Partial<Budget> => left.get(row) ?? params.budget ?? {};
  const judge = async (row: QuestionRow, model: string, signal: AbortSignal) => {
    const budget = budgetOf(row);
    const asked = { question: row.question, model, budget };
    const { report, ledger } = await client.request('entropane/difficulty', asked, { signal });
    left.set(row, budgetLeft(budget, ledger));
    return report?.difficulty ?? null;
  };
  return async (row, signal, pass) => {
    const { question } = row;
    const model = route[pass];
    if (model === undefined || pass === route.length - 1)
      return client.request('entropane/ask', { ...params, question, budget: budgetOf(row) }, { signal });
    try {
      const judged = difficulty === 'measured' ? await judge(row, model, signal) : difficulty;
      if (judged === null || !isSufficient(judged)) return null;
      const asked = { ...params, question, model, budget: budgetOf(row) };
      return await client.request('entropane/ask', asked, { signal });
    } catch (thrown) {
      if (toCodedError(thrown).code === 'memory.insufficient') return null;
      throw thrown;
    }
  };
}
