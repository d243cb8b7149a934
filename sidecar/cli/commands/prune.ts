import { resolve } from 'node:path';
import { checkModelFile } from '../../gguf/checkModelFile.ts';
import { blockCountOf } from '../../gguf/ggufHeader.ts';
import { planPruning, type BlockSelection } from '../../layerSkip/prunePlan.ts';
import { writePrunedModel } from '../../layerSkip/prunedModelWriter.ts';
import { formatBytes } from '../../models/byteText.ts';
import { hashFile } from '../../models/fileHash.ts';
import { openMachineStore } from '../../models/machineStore.ts';
import { systemClock } from '../../trace/clock.ts';
import { defineCommand, jsonOption, numberOption, UsageError, type OptionValues } from '../command.ts';
import { fitLine } from '../drawing/cellWidth.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  drop: { type: 'string', placeholder: 'N,N', description: 'Drop these blocks, counted from 0' },
  'keep-ratio': { type: 'string', placeholder: 'R', description: 'Keep this share of blocks, evenly spaced' },
  speedup: { type: 'string', placeholder: 'S', description: 'Keep one block in S, evenly spaced' },
  output: { type: 'string', placeholder: 'FILE', description: 'The GGUF file to write; it must not exist' },
  ...jsonOption,
} as const;

/**
 * `entropane prune`: writes a smaller model without some of its blocks. It is faster and answers worse; how much
 * worse is for a bench to say, so the result is used only where it is named.
 */
export const pruneCommand = defineCommand({
  name: 'prune',
  summary: 'Write a smaller, faster and less able model, without some of its blocks',
  usage: 'prune MODEL (--drop N,N | --keep-ratio R | --speedup S) --output FILE',
  options,
  run: async ({ values, positionals, terminal }, signal) => {
    const [model, ...rest] = positionals;
    if (model === undefined || rest.length > 0) throw new UsageError('"prune" takes one model.');
    const selection = selectionFrom(values);
    if (values.output === undefined) throw new UsageError('"prune" needs --output FILE.');
    const outputPath = resolve(values.output);
    const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
    const file = await store.resolve(model);
    const header = await checkModelFile(file.path);
    try {
      const onHashed = (doneBytes: number): void => {
        showProgress(terminal, 'Checking', doneBytes, file.sizeBytes);
      };
      const sha256 = file.sha256 ?? (await hashFile(file.path, onHashed, signal));
      const plan = planPruning({ sha256, blockCount: blockCountOf(header) ?? 0 }, selection);
      const onProgress = (doneBytes: number, totalBytes: number): void => {
        showProgress(terminal, 'Writing', doneBytes, totalBytes);
      };
      const sizeBytes = await writePrunedModel(file.path, outputPath, plan, { onProgress }, signal);
      const left = plan.blockCount - plan.droppedBlocks.length;
      terminal.print(
        values.json === true
          ? JSON.stringify({ type: 'result', path: outputPath, sizeBytes, plan })
          : `${outputPath}: ${left} of ${plan.blockCount} blocks, without ${plan.droppedBlocks.join(', ')} ` +
              `(${formatBytes(sizeBytes)} of ${formatBytes(file.sizeBytes)})`,
      );
      return 0;
    } finally {
      if (terminal.progress.isTerminal) terminal.paint([]);
    }
  },
});

function selectionFrom(values: OptionValues<typeof options>): BlockSelection {
  const ratio = numberOption(values['keep-ratio'], 'keep-ratio', { min: 0, max: 1, whole: false });
  const factor = numberOption(values.speedup, 'speedup', { min: 1, max: 100, whole: false });
  const given: readonly BlockSelection[] = [
    ...(values.drop === undefined ? [] : [{ type: 'drop', blocks: blockList(values.drop) } as const]),
    ...(ratio === undefined ? [] : [{ type: 'keepRatio', ratio } as const]),
    ...(factor === undefined ? [] : [{ type: 'speedup', factor } as const]),
  ];
  const [selection, ...others] = given;
  if (selection !== undefined && others.length === 0) return selection;
  throw new UsageError('"prune" takes one of --drop, --keep-ratio and --speedup.');
}

function blockList(text: string): readonly number[] {
  return text.split(',').map((part) => {
    if (/^\s*\d+\s*$/.test(part)) return Number(part);
    throw new UsageError(`--drop takes block numbers such as "11,12", not "${text}".`);
  });
}

/** One line redrawn on a terminal; nothing elsewhere, where writing takes seconds and the result says it all. */
function showProgress(terminal: Terminal, what: string, doneBytes: number, totalBytes: number): void {
  if (!terminal.progress.isTerminal) return;
  const share = Math.floor((100 * doneBytes) / totalBytes);
  const line = `${what}: ${share} % (${formatBytes(doneBytes)} of ${formatBytes(totalBytes)})`;
  terminal.paint([fitLine(line, terminal.progress.columns())]);
}
