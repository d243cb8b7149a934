import path from 'node:path';
import type { AdapterRequest, LoadOptions } from '../../../sidecar/engine/engine.ts';
import { machineStorePath } from '../../../sidecar/models/machineStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import {
  type AutoTable,
  autoTablePath,
  readAutoTable,
  shippedTable,
} from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { loadEstimator } from '../../../sidecar/reasoning/difficulty/loadEstimator.ts';
import { probeFolderOf } from '../../../sidecar/reasoning/difficulty/probe.ts';
import { grammarParser } from '../../../sidecar/verify/codeParser.ts';
import { accuracyPart } from '../reasoning/accuracyPart.ts';
import type { Answerer } from '../reasoning/answerAttempt.ts';
import { boundsPart } from '../reasoning/boundsPart.ts';
import { overheadPart } from '../reasoning/overheadPart.ts';
import { readQuestionSet } from '../reasoning/questionSet.ts';
import { mostOpenCandidates } from '../reasoning/runAttempts.ts';
import { capOf, weightOf } from '../reasoning/strategyRow.ts';
import { togetherPart } from '../reasoning/togetherPart.ts';
import { type Suite, type SuiteContext, withModel } from './suite.ts';
import type { PartResult } from '../figure.ts';

/** Cells for the prompt and the answer of a candidate, beside its thought. */
const cellsBesideThought = 768;

/** Ways to answer questions whose answers are known: how many are right, and what that costs. */
export const reasoningSuite: Suite = {
  name: 'reasoning',
  summary: 'Accuracy and tokens of every strategy on a test set, beside fixed budgets',
  parts: ['accuracy', 'together', 'overhead', 'bounds'],
  partsByName: ['bounds'],
  rounds: 3,
  minutesPerRound: 4,
  needsData: true,
  checkFiles: async ({ dataFolder, reasoning }) => {
    if (dataFolder !== null) await readQuestionSet(dataFolder, reasoning.setName);
  },
  run: async (context) => {
    const { dataFolder, reasoning, includes } = context;
    if (dataFolder === null) throw new Error('A suite that needs data runs with data alone.');
    const { setName, adapter } = reasoning;
    const setup = { set: setName, ...(adapter !== null && { adapter: adapterText(adapter) }) };
    const tables = await ownTables();
    return withModel(context, loadOptionsOf(context, tables), async (model) => {
      const { backend } = model.info;
      const set = await readQuestionSet(dataFolder, reasoning.setName);
      const folders = probeFolders(context);
      const { estimator, notes } = await loadEstimator(folders, model.info);
      const codeParser = grammarParser(path.join(context.bundleFolder, 'syntax'), { clock: systemClock });
      const answerer: Answerer = { model, estimator, tables, codeParser };
      try {
        const parts: PartResult[] = [];
        if (includes('accuracy'))
          parts.push(await accuracyPart(context, answerer, { ...reasoning, probeFolders: folders }, set));
        if (includes('together')) parts.push(await togetherPart(context, answerer, set));
        if (includes('bounds')) parts.push(await boundsPart(context, model, set));
        if (includes('overhead')) parts.push(await overheadPart(context, answerer, set));
        return {
          figures: parts.flatMap(({ figures }) => figures),
          setup,
          notes: [...parts.flatMap((part) => part.notes), ...notes],
          backend,
        };
      } finally {
        await estimator.dispose();
      }
    });
  },
};

function adapterText({ path: file, scale }: AdapterRequest): string {
  return `${path.basename(file)} × ${scale}`;
}

/** Room for everything that runs at once, so that no candidate is cut short for lack of cells. */
function loadOptionsOf({ reasoning }: SuiteContext, tables: readonly AutoTable[]): Partial<LoadOptions> {
  // Which model it is is not known yet, so any row of a table may count.
  const rows = tables.flatMap((table) => [
    ...Object.values(table.models).map(({ profiles }) => profiles),
    ...(table.default ? [table.default] : []),
  ]);
  const weights = reasoning.rows.flatMap((row) => rows.map((profiles) => weightOf(row, profiles)));
  const most = Math.max(1, ...weights);
  const thought = Math.max(...reasoning.rows.map(capOf), 512);
  const open = mostOpenCandidates(most);
  const contextTokens = Math.max(8192, open * (thought + cellsBesideThought));
  return {
    contextTokens,
    maxSequences: open,
    ...(reasoning.adapter !== null && { adapter: reasoning.adapter }),
  };
}

/** As the product has them: the user's before those that ship. */
function probeFolders({ bundleFolder }: SuiteContext): readonly string[] {
  const store = machineStorePath({ storePath: '', environment: process.env });
  return [probeFolderOf(store), path.join(path.dirname(bundleFolder), 'media', 'probes')];
}

/** As the product has them, too. */
async function ownTables(): Promise<readonly AutoTable[]> {
  const { table } = await readAutoTable(
    autoTablePath(machineStorePath({ storePath: '', environment: process.env })),
  );
  return table === null ? [shippedTable] : [table, shippedTable];
}
