import { UsageError } from '../command.ts';

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
