import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { runProgram } from '../support/server/askingProgram.ts';
import { borrowModels } from '../support/sidecar/borrowedModels.ts';
import { fixedFile, fixingModel, programCount, testCommand, testFailure, testFile } from './fixTask.ts';

/** The function and the message were chosen on seeds 1 to 3. */
const seeds = Array.from({ length: 20 }, (_, index) => index + 4);
const fewest = 15;

it(
  `of the picture of a fix, ${fewest} of ${seeds.length} seeds have a program that fails its test and one that passes`,
  async () => {
    await using folder = await temporaryFolder();
    const [store, workspace] = [path.join(folder.path, 'store'), path.join(folder.path, 'workspace')];
    await borrowModels(store);
    await mkdir(workspace);
    for (const { name, text } of [fixedFile, testFile]) await writeFile(path.join(workspace, name), text);
    const asPictured: number[] = [];
    for (const seed of seeds) {
      const { output } = await runProgram(
        [
          ...['fix', '--file', fixedFile.name, '--problem', testFailure, '--model', fixingModel, '--json'],
          ...['--verify', testCommand, '--candidates', String(programCount), '--seed', String(seed)],
        ],
        { storePath: store, folder: workspace },
      );
      if (hasBoth(output)) asPictured.push(seed);
      console.log(`seed ${seed}: ${asPictured.length} so far`);
    }
    // The caption of the picture is tested against it.
    const record = `{\n  "seedCount": ${seeds.length},\n  "asPictured": [${asPictured.join(', ')}]\n}\n`;
    await writeFile(path.join(import.meta.dirname, 'fixSeeds.json'), record);
    expect(asPictured.length).toBeGreaterThanOrEqual(fewest);
  },
  seeds.length * 120_000,
);

/** Whether of the programs that raced at least one failed and one passed, by the events that `--json` prints. */
function hasBoth(output: string): boolean {
  const lines = output.trim().split('\n');
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as TraceEvent);
  const outcomes = events.flatMap((event) =>
    // A candidate beyond them is the repair.
    event.type === 'verification/finished' && event.candidateId < programCount ? [event.outcome] : [],
  );
  return outcomes.includes('failed') && outcomes.includes('passed');
}
