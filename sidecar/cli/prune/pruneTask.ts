import type { GgufHeader } from '../../gguf/ggufHeader.ts';
import type { SkipProfileStore } from '../../layerSkip/skipProfileStore.ts';
import type { ModelFile } from '../../models/modelStore.ts';
import type { Terminal } from '../terminal.ts';
import type { ComparedModel } from './comparePlans.ts';
import type { WorkProgress } from '../drawing/workProgress.ts';

/** The model that is pruned, and who is told of it. */
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
