import { join } from 'node:path';
import { cursorContext } from '../../../sidecar/completion/cursorContext.ts';
import { drawAmong } from '../../../sidecar/engine/llama/decoding/drawAmong.ts';
import type { Vocabulary } from '../../../sidecar/engine/llama/native/vocabulary.ts';
import { RequiredStart } from '../../../sidecar/engine/requiredStart.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { withVocabulary } from '../../observe/withVocabulary.ts';
import type { Figure, PartResult } from '../figure.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { readInfillTasks } from '../tasks/infillTask.ts';
import { infillSetKinds } from './infillSet.ts';

const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0 };
/** Draws of each start: one alone is too short for the clock. */
const repeats = 20;
const limits = { beforeChars: 4096, afterChars: 1024 };

/**
 * What a required start costs without the model: building the index of the vocabulary, and each step of every run of
 * characters that is given back in the random spans. Logits are random numbers, which cost the same.
 */
export async function constraintPart({
  dataFolder,
  bundleFolder,
  modelPath,
  rounds,
}: Pick<SuiteContext, 'dataFolder' | 'bundleFolder' | 'modelPath' | 'rounds'>): Promise<PartResult> {
  if (dataFolder === null) throw new Error('A suite that needs data runs with data alone.');
  const { file } = infillSetKinds.find(({ part }) => part === 'randomSpan') ?? { file: '' };
  const runs = (await readInfillTasks(join(dataFolder, file)))
    .map(({ prefix, suffix }) => cursorContext(prefix + suffix, prefix.length, limits).regenerated)
    .filter((run) => run !== '');
  return withVocabulary(modelPath, bundleFolder, (open) => {
    const builds = Array.from({ length: Math.max(3, rounds) }, () => buildTime(open()));
    return { figures: figuresOf(builds, stepTimes(open(), runs)), notes: [] };
  });
}

function buildTime(vocabulary: Vocabulary): number {
  const startedMs = systemClock.now();
  vocabulary.prepareIndex();
  return systemClock.now() - startedMs;
}

/** Milliseconds of each step that writes a run, the mean of its repeats. */
function stepTimes(vocabulary: Vocabulary, runs: readonly string[]): readonly number[] {
  const row = Float32Array.from({ length: vocabulary.size }, (_, id) => 20 * uniformAt(1, 0, id));
  const { index } = vocabulary;
  const times: number[] = [];
  for (const run of runs) {
    const start = new RequiredStart(run);
    while (!start.isWritten) {
      const startedMs = systemClock.now();
      let id = 0;
      for (let repeat = 0; repeat < repeats; repeat++)
        id = drawAmong(row, index.tokensFor(start.rest), { settings: greedy, uniform: 0 });
      times.push((systemClock.now() - startedMs) / repeats);
      start.write(vocabulary.piece(id));
    }
  }
  return times;
}

function figuresOf(builds: readonly number[], steps: readonly number[]): readonly Figure[] {
  return [
    { type: 'sampled', name: 'index of the vocabulary, built', unit: 'ms', samples: builds },
    { type: 'sampled', name: 'one step under a required start', unit: 'ms', samples: steps },
  ];
}
