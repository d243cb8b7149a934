import { counted } from '../../../protocol/counted.ts';
import type { RememberedProblem } from '../../../protocol/messages.ts';
import { machineStorePath } from '../../models/machineStore.ts';
import { systemClock } from '../../process/clock.ts';
import { memoryReport } from '../../reasoning/memory/memoryReport.ts';
import { StrategyMemoryFile } from '../../reasoning/memory/strategyMemoryFile.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defineCommand, jsonOption, storeOption, UsageError } from '../command.ts';

const actions = ['show', 'clear'] as const;

/** `entropane memory`: what worked on questions of each kind. Runs in this process, without a sidecar. */
export const memoryCommand = defineCommand({
  name: 'memory',
  summary: 'Show or clear what is remembered of strategies',
  usage: 'memory [show | clear]',
  options: {
    ...storeOption,
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }) => {
    const [word = 'show', ...rest] = positionals;
    const action = actions.find((candidate) => candidate === word);
    if (action === undefined || rest.length > 0)
      throw new UsageError(`"memory" takes one of ${actions.join(', ')}, not "${positionals.join(' ')}".`);
    const folder = machineStorePath({
      storePath: values.store ?? defaultSettings.storePath,
      environment: process.env,
    });
    const memory = new StrategyMemoryFile(folder, systemClock);
    const problems = memoryReport(await memory.read());
    if (action === 'clear') await memory.clear();
    const count = problems.length;
    if (values.json === true) {
      const shown = action === 'clear' ? [] : problems;
      for (const problem of shown) terminal.print(JSON.stringify({ type: 'problem', ...problem }));
      terminal.print(JSON.stringify({ type: 'result', action, path: memory.path, count }));
      return 0;
    }
    const kinds = `${counted(count, 'kind')} of question`;
    if (action === 'clear') terminal.print(`Forgot ${kinds}.`);
    else {
      for (const problem of problems) terminal.print(problemText(problem));
      terminal.print(`${kinds}, kept in ${memory.path}`);
    }
    return 0;
  },
});

function problemText({ signature, strategies }: RememberedProblem): string {
  const lines = strategies.map(({ strategy, tries, wins, meanTokens }) => {
    const tokens = meanTokens === null ? '' : `, ${counted(Math.round(meanTokens), 'token')} a run`;
    return `  ${strategy.padEnd(18)} ${round(wins)} of ${round(tries)} came out well${tokens}`;
  });
  return [signature, ...lines].join('\n');
}

function round(count: number): number {
  return Math.round(count * 10) / 10;
}
