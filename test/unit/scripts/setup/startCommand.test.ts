import { expect, it } from 'vitest';
import { startCommand } from '../../../../scripts/setup/startCommand.mjs';
import { askCommand } from '../../../../sidecar/cli/commands/askCommand.ts';
import { recordingTerminal } from '../../../support/machine/recordingTerminal.ts';

it.each([
  ['demo', []],
  ['demo', ['--seed', '3']],
  ['demo', ['--log', '--model=smollm2-135m']],
  ['ask', ['Why?']],
  ['ask', ['Why?', '--seed', '3']],
  ['ask', ['--seed', '3', 'Why?']],
  ['ask', ['--seed=3', 'Why?']],
  ['ask', ['--json', 'Why?']],
  ['ask', ['--seed', '3', '--', '-1 + 1?']],
  ['complete', ['--file', 'a.py', '--line', '1', '--column', '1']],
  ['complete', ['--line', '1', '--column', '1', '--file=a.py']],
])('%s is what %j asks for', (command, args) => {
  expect(startCommand(args)).toEqual([command, ...args]);
});

it.each([[['ask', 'Why?']], [['complete', '--file', 'a.py']], [['demo', '--seed', '3']]])(
  'a command that is named is none of the words of a question: %j',
  (args) => {
    expect(startCommand(args)).toEqual(args);
  },
);

it('knows which options of a question take no value', async () => {
  const terminal = recordingTerminal();
  await askCommand.execute(['--help'], terminal, new AbortController().signal);
  const help = terminal.printed.join('\n');
  const switches = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+) {2}/gm)].map((match) => match[1] ?? '');
  expect(switches).toContain('--json');
  for (const name of switches) expect(startCommand([name, 'Why?'])).toEqual(['ask', name, 'Why?']);
});
