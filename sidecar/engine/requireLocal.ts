import { CodedError } from '../../protocol/codedError.ts';
import type { LocalFacts, ModelInfo } from './engine.ts';

/** What is known of a model that runs in this process. Throws `model.unsupported` for a server's model. */
export function requireLocal({ identity, backend, local }: ModelInfo): LocalFacts {
  if (local !== null) return local;
  throw new CodedError(
    'model.unsupported',
    `${identity.name} runs at ${backend}, and this needs its file on this machine.`,
    'Choose a model of this machine.',
  );
}
