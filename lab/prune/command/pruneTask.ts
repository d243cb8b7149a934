import type { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import type { Terminal } from '../../../sidecar/cli/terminal.ts';
import type { GgufHeader } from '../../../sidecar/gguf/ggufHeader.ts';
import type { SkipProfileStore } from '../../../sidecar/layerSkip/skipProfileStore.ts';
import type { ModelFile } from '../../../sidecar/models/modelStore.ts';
import type { ComparedModel } from './comparePlans.ts';

/** The model that is pruned, and who hears of it. */
export interface PruneTask {
  readonly source: ModelFile & ComparedModel & { readonly header: GgufHeader };
  readonly profiles: SkipProfileStore;
  readonly progress: WorkProgress;
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

/** Prints a result: for programs as one object, for people as lines. */
export function show({ terminal, isJson }: PruneTask, result: object, lines: readonly string[]): void {
  terminal.print(isJson ? JSON.stringify({ type: 'result', ...result }) : lines.join('\n'));
}
