import { expect, it } from 'vitest';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { memoryCommand } from '../../../../../sidecar/cli/commands/memoryCommand.ts';
import { StrategyMemoryFile } from '../../../../../sidecar/reasoning/memory/strategyMemoryFile.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

async function run(args: readonly string[]): Promise<string> {
  const terminal = recordingTerminal();
  expect(await memoryCommand.execute(args, terminal, new AbortController().signal)).toBe(0);
  return terminal.printed.join('\n');
}

it('shows what is remembered, and clears it', async () => {
  await using folder = await temporaryFolder();
  const store = ['--store', folder.path];
  expect(await run(store)).toContain('0 kinds of question');
  const memory = new StrategyMemoryFile(folder.path, new ManualClock());
  await memory.learn('numbers, short, easy', [{ strategy: 'selfConsistency', hasWon: true, tokens: 120 }]);
  const shown = await run(['show', ...store]);
  expect(shown).toMatch(/numbers, short, easy\n +selfConsistency +1 of 1 came out well, 120 tokens a run/);
  const [problem = '', result = ''] = (await run(['--json', ...store])).split('\n');
  expect(JSON.parse(problem)).toMatchObject({ type: 'problem', signature: 'numbers, short, easy' });
  expect(JSON.parse(result)).toMatchObject({ type: 'result', count: 1, path: memory.path });
  expect(await run(['clear', ...store])).toBe('Forgot 1 kind of question.');
  expect(await run(store)).toContain('0 kinds of question');
});

it('refuses what it does not know', async () => {
  await expect(run(['burn'])).rejects.toThrow(UsageError);
  await expect(run(['show', 'all'])).rejects.toThrow(UsageError);
});
