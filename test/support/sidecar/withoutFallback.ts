import type { ModelOwner } from '../../../sidecar/modelHosting/modelOwner.ts';
import { ServerFallback } from '../../../sidecar/modelHosting/serverFallback.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';

type Owner = Pick<ModelOwner, 'assign' | 'acquire'>;

/** An owner of models, none of which another takes the place of. */
export function withoutFallback(owner: Owner): { readonly owner: Owner; readonly fallback: ServerFallback } {
  const fallback = new ServerFallback({
    owner,
    settings: () => defaultSettings,
    isOn: () => false,
    resolve: (name) => Promise.reject(new Error(`${name} was looked for.`)),
    tell: () => undefined,
    log: () => undefined,
    schedule: () => () => undefined,
  });
  return { owner, fallback };
}
