import { isDeepStrictEqual } from 'node:util';
import type { CodedError } from '../../../protocol/codedError.ts';
import { commonCapabilities } from '../capabilities.ts';
import type { ModelInfo } from '../engine.ts';
import { otherModel, unsupportedByServer } from './serverFailure.ts';

/** What all of several servers with one model can do. Named after all of them, in this order. Pure. */
export function commonInfo(first: ModelInfo, others: readonly ModelInfo[]): ModelInfo {
  const all = [first, ...others];
  return {
    ...first,
    identity: { ...first.identity, server: all.map(({ identity }) => identity.server ?? '').join(' and ') },
    contextTokens: Math.min(...all.map(({ contextTokens }) => contextTokens)),
    infill: others.every(({ infill }) => isDeepStrictEqual(infill, first.infill)) ? first.infill : null,
    hasChatTemplate: all.every(({ hasChatTemplate }) => hasChatTemplate),
    backend: all.map(({ backend }) => backend).join(' and '),
    capabilities: others.reduce(
      (common, { capabilities }) => commonCapabilities(common, capabilities),
      first.capabilities,
    ),
  };
}

/**
 * Why a server cannot join others whose model was described by `common`: another model, or less than was promised of them.
 * Null where it can. Pure.
 */
export function joiningFailure(address: string, found: ModelInfo, common: ModelInfo): CodedError | null {
  if (found.identity.hash !== common.identity.hash)
    return otherModel(address, { wanted: common.identity.name, found: found.identity.name });
  const facts = ({ contextTokens, infill, hasChatTemplate, capabilities }: ModelInfo): object => ({
    ...{ contextTokens, infill, hasChatTemplate, capabilities },
  });
  if (isDeepStrictEqual(facts(commonInfo(common, [found])), facts(common))) return null;
  return unsupportedByServer(
    address,
    'can do less than the servers that were there when the model was opened',
  );
}
