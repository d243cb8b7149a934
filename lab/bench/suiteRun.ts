import { availableParallelism } from 'node:os';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import { createLlamaEngine } from '../../sidecar/engine/llama/llamaEngine.ts';
import { llamaVersion } from '../../sidecar/engine/llama/native/libraryLocation.ts';
import { knownIdentity, type ModelFile } from '../../sidecar/models/modelStore.ts';
import { describeMachine } from './machineDescription.ts';
import { partsKey, type Report } from './report.ts';
import type { Suite, SuiteContext } from './suites/suite.ts';

type Shared =
  | 'dataFolder'
  | 'drafts'
  | 'edits'
  | 'infill'
  | 'promptsPerCategory'
  | 'questionModel'
  | 'reasoning'
  | 'servingFolder'
  | 'tools'
  | 'note'
  | 'bundleFolder'
  | 'trials';

/** What a run was asked for. */
export interface SuiteRun extends Pick<SuiteContext, Shared> {
  readonly model: ModelFile;
  /** Undefined for all cores. */
  readonly threads: number | undefined;
  /** Undefined for the suite's own default. */
  readonly rounds: number | undefined;
  /** Parts to measure; empty for all. */
  readonly only: readonly string[];
  /** ISO 8601, UTC: of the whole run. */
  readonly date: string;
}

/** Whether a part of a suite is among those that were asked for, or all were. */
export function includedBy(
  only: readonly string[],
  { partsByName = [] }: Pick<Suite, 'partsByName'>,
): (part: string) => boolean {
  return (part) => only.includes(part) || (only.length === 0 && !partsByName.includes(part));
}

/** Measures a suite on an engine of its own, so that what one suite leaves behind cannot help or slow the next. */
export async function runSuite(suite: Suite, run: SuiteRun, signal: AbortSignal): Promise<Report> {
  const { date, model, only, ...settings } = run;
  const rounds = settings.rounds ?? suite.rounds;
  const threads = settings.threads ?? availableParallelism();
  const minutes = Math.max(1, Math.round(rounds * suite.minutesPerRound));
  settings.note(
    `${suite.name} on ${model.name}: ${suite.summary.toLowerCase()}. Rounds: ${rounds}; all parts take about ` +
      `${minutes} min on two cores with half a billion weights.`,
  );
  const engine = createLlamaEngine({ bundleFolder: settings.bundleFolder, trials: settings.trials });
  try {
    const { figures, setup, notes, backend } = await suite.run({
      ...settings,
      engine,
      modelPath: model.path,
      identity: knownIdentity(model),
      threads,
      rounds,
      includes: includedBy(only, suite),
      signal,
    });
    return {
      suite: suite.name,
      date,
      machine: describeMachine({ llamaVersion, backend }),
      setup: { model: model.name, threads, ...setup, ...(only.length > 0 && { [partsKey]: only.join(' ') }) },
      figures,
      notes,
    };
  } catch (thrown) {
    // What was under way fails in its own way, from a killed program to a broken connection.
    throw signal.aborted ? cancelled() : thrown;
  } finally {
    await engine.dispose();
  }
}
