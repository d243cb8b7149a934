import { toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { checkModelFile } from '../gguf/checkModelFile.ts';
import type { ModelStore } from '../models/modelStore.ts';

/**
 * What is wrong with the fast model that was asked for, and what that means; null where nothing is. The sidecar looks for
 * it only when a question is easy, which would be too late to say it.
 */
export async function fastModelNote(
  { fastModel = '' }: Partial<Pick<SidecarSettings, 'fastModel'>>,
  store: Pick<ModelStore, 'resolve'>,
): Promise<string | null> {
  if (fastModel === '') return null;
  try {
    await checkModelFile((await store.resolve(fastModel)).path);
    return null;
  } catch (thrown) {
    const { message, remedy } = toCodedError(thrown);
    return `Without a fast model, so the whole model answers everything: ${message} ${remedy}`;
  }
}
