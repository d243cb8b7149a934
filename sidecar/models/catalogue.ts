import type { CatalogueModel } from './catalogueModel.ts';
import { codeModels } from './catalogueRows/codeModels.ts';
import { generalModels } from './catalogueRows/generalModels.ts';
import { measuredModels } from './catalogueRows/measuredModels.ts';

/** Models that can be fetched by name. */
export const catalogue: readonly CatalogueModel[] = [...measuredModels, ...codeModels, ...generalModels];

/** The catalogue's model of this name, or null. Names compare without regard to case. */
export function findInCatalogue(
  name: string,
  models: readonly CatalogueModel[] = catalogue,
): CatalogueModel | null {
  const wanted = name.toLowerCase();
  return models.find((model) => model.name === wanted) ?? null;
}
