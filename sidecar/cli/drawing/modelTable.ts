import type { InstalledModel, ModelOutlook, ServingRole } from '../../../protocol/messages.ts';
import type { ThinkingFormat } from '../../../protocol/thinking.ts';
import { formatBytes } from '../../models/byteText.ts';
import { findInCatalogue } from '../../models/catalogue.ts';
import type { ModelAdvice } from '../../models/modelAdvice.ts';
import { estimatedFileBytes } from '../../models/modelShape.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';

const headings = [
  'state',
  'model',
  'size',
  'speed',
  'memory',
  'thinks',
  'recommended for',
  'licence',
  '',
] as const;

/**
 * Lines of a table of models: each with its state, what it takes, how fast it is or is estimated to be on this machine, and what it
 * is recommended for. `outlooks` are in the order of the models. Pure.
 */
export function modelTable(
  models: readonly InstalledModel[],
  outlooks: readonly ModelOutlook[],
  advice: Pick<ModelAdvice, ServingRole>,
): readonly string[] {
  const rows = models.map((model, index) => [
    stateText(model),
    model.name,
    sizeText(model),
    speedText(outlooks[index]),
    memoryText(outlooks[index]),
    thinkingText(outlooks[index]?.thinking ?? null),
    recommendationText(model, advice),
    model.license ?? 'unknown',
    model.name === defaultSettings.model ? `${model.description} (the default)` : model.description,
  ]);
  const thinks = headings.indexOf('thinks');
  const hasThinkers = rows.some((row) => row[thinks] !== '');
  const all = [headings, ...rows].map((row) => row.filter((_cell, place) => hasThinkers || place !== thinks));
  const widths = (all[0] ?? []).map((_heading, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Whether nobody has compared the file with the hash that it should have. Pure. */
export function isUnchecked({ path, verified }: InstalledModel): boolean {
  return path !== null && !verified;
}

/** The size of a model's file, or about that where the catalogue knows its shape alone. Pure. */
export function sizeText({ name, sizeBytes }: InstalledModel): string {
  if (sizeBytes !== null) return formatBytes(sizeBytes);
  const shape = findInCatalogue(name)?.shape ?? null;
  return shape === null ? 'unknown' : `≈ ${formatBytes(estimatedFileBytes(shape))}`;
}

function stateText(model: InstalledModel): string {
  if (model.path === null) return 'not here';
  return isUnchecked(model) ? 'unchecked' : 'verified';
}

function speedText(outlook: ModelOutlook | undefined): string {
  const pace = outlook?.pace ?? null;
  if (pace === null || outlook === undefined) return '–';
  const { decodeTokensPerSecond: speed } = pace;
  const text = `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tok/s`;
  return outlook.isMeasured ? text : `≈ ${text}`;
}

function memoryText(outlook: ModelOutlook | undefined): string {
  const bytes = outlook?.memoryBytes ?? null;
  if (bytes === null) return '–';
  return outlook?.fits === false ? `${formatBytes(bytes)}, too much` : formatBytes(bytes);
}

/** The marker that opens a model's thoughts, and the levels that a question may choose; empty for a model without thoughts. Pure. */
export function thinkingText(thinking: ThinkingFormat | null): string {
  if (thinking === null) return '';
  const { open, efforts } = thinking;
  return [open.trim(), ...(efforts === null ? [] : [efforts.levels.join('/')])].join(' ');
}

function recommendationText(
  { name }: InstalledModel,
  { questions, completions }: Pick<ModelAdvice, ServingRole>,
): string {
  return [...(questions === name ? ['questions'] : []), ...(completions === name ? ['typing'] : [])].join(
    ', ',
  );
}
