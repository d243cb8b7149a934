import type { ListedModel, SidecarSettings } from '../../protocol/messages.ts';
import { hostOf, readServerModel } from '../../protocol/serverAddress.ts';

/** A model as a list to choose from shows it. */
export interface ModelItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** What a model takes, does and is recommended for on this machine; estimates are marked. Pure. */
export function modelItem(
  model: ListedModel,
  serving: Pick<SidecarSettings, 'model' | 'completionModel'>,
): ModelItem {
  const icon = model.path === null ? '$(cloud-download)' : '$(check)';
  const size = model.sizeBytes === null ? 'size known to the hub' : `${Math.round(model.sizeBytes / 1e6)} MB`;
  const uses = [
    ...(model.name === serving.model ? ['questions'] : []),
    ...(model.name === (serving.completionModel || serving.model) ? ['completions'] : []),
  ];
  const description = [
    model.path === null ? `to fetch, ${size}` : size,
    ...paceParts(model),
    ...(model.outlook.fits === false ? ['too large for this machine'] : []),
    ...(uses.length === 0 ? [] : [`for ${uses.join(' and ')}`]),
    ...(model.recommendedFor.length === 0 ? [] : [`recommended for ${model.recommendedFor.join(' and ')}`]),
  ];
  const license = model.license === null ? '' : ` · ${model.license}`;
  return {
    label: `${icon} ${model.name}`,
    description: description.join(', '),
    detail: `${model.description}${license}`,
  };
}

/** A server that was added, in the same list. Pure. */
export function serverItem(
  address: string,
  { model, completionModel }: Pick<SidecarSettings, 'model' | 'completionModel'>,
): ModelItem {
  const chosen = readServerModel(model);
  const answers = chosen?.address === address;
  const completes = readServerModel(completionModel)?.address === address;
  const name = answers && chosen.modelName !== null ? `${chosen.modelName} at ` : '';
  const uses = [...(answers ? ['questions'] : []), ...(completes ? ['completions'] : [])];
  const sent = completes
    ? 'The code around the cursor is sent there while you type, and what is asked of its model.'
    : 'Questions, edits and the code with them are sent there once it is chosen.';
  return {
    label: `$(server) ${name}${hostOf(address)}`,
    description: uses.length === 0 ? 'on a server' : `on a server, for ${uses.join(' and ')}`,
    detail: `Runs at ${address}. ${sent}`,
  };
}

function paceParts({ outlook: { pace, isMeasured } }: ListedModel): readonly string[] {
  if (pace === null) return [];
  const { decodeTokensPerSecond: speed } = pace;
  const text = `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tok/s`;
  return [isMeasured ? text : `about ${text} (estimated)`];
}
