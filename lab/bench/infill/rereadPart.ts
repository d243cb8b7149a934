import { join } from 'node:path';
import type { Healing } from '../../../sidecar/completion/cursorContext.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import type { PartResult } from '../editPart.ts';
import { percentile } from '../figure.ts';
import type { InfillPartContext } from './infillPart.ts';
import { singleLineFile, readInfillTasks } from '../tasks/infillTask.ts';
import { InfillPipeline } from './infillPipeline.ts';

/** Functions that a line is typed in, key by key. */
const typedTasks = 6;
/** Keys of each. */
const mostKeys = 40;

/**
 * Types a missing line key by key and asks for a completion after each key: how many tokens of the prompt are read anew.
 * One token is generated, since only the prompt counts here.
 */
export async function rereadPart(
  { infill, dataFolder, bundleFolder, note, signal }: InfillPartContext,
  model: Model,
): Promise<PartResult> {
  const tasks = (await readInfillTasks(join(dataFolder, singleLineFile))).slice(0, typedTasks);
  const readsOf = async (healing: Healing): Promise<readonly number[]> => {
    const pipeline = await InfillPipeline.open(model, { healing, bundleFolder });
    try {
      const reads: number[] = [];
      for (const { prefix, middle, suffix } of tasks) {
        const line = middle.trimEnd();
        for (let keys = 0; keys <= Math.min(line.length, mostKeys); keys++) {
          const place = { before: prefix + line.slice(0, keys), after: `\n${suffix}`, languageId: 'python' };
          const { report } = await pipeline.complete(place, { maxTokens: 1, multiline: 'never' }, signal);
          // The first prompt of a function is new as a whole.
          if (keys > 0) reads.push(report.promptTokenCount - report.cachedTokenCount);
        }
      }
      return reads;
    } finally {
      await pipeline.dispose();
    }
  };
  const notes: string[] = [];
  for (const healing of infill.healings) {
    const sorted = (await readsOf(healing)).toSorted((a, b) => a - b);
    const p95 = percentile(sorted, 0.95);
    const line = `Tokens of the prompt read for a key in a line, ${healing === 'run' ? 'healed' : 'not healed'}: median ${percentile(sorted, 0.5)}, 95th percentile ${p95}, of ${sorted.length} keys.`;
    note(`  ${line}`);
    notes.push(line);
  }
  return { figures: [], notes };
}
