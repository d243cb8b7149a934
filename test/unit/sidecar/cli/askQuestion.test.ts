import { expect, it } from 'vitest';
import { askQuestion } from '../../../../sidecar/cli/askQuestion.ts';
import type { SidecarClient } from '../../../../sidecar/cli/sidecarClient.ts';
import { runScripted } from '../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';
import {
  plainTerminal,
  recordingTerminal,
  type RecordingTerminal,
} from '../../../support/machine/recordingTerminal.ts';

/** Asks a question whose events come ten seconds one behind another. */
async function askSlowly(terminal: RecordingTerminal): Promise<void> {
  const { events, result } = await runScripted(() => ' twelve');
  if (result === null) throw new Error('The request failed.');
  const clock = new ManualClock();
  const client: Pick<SidecarClient, 'request'> = {
    request: (_method, _params, { onPartial }) => {
      for (const event of events) {
        onPartial?.([event] as never);
        clock.advance(10_000);
      }
      return Promise.resolve(result as never);
    },
  };
  const signal = new AbortController().signal;
  expect(await askQuestion(client, { question: 'How many?' }, { terminal, clock, signal })).toBe(0);
}

it('a log is told how far a slow answer is', async () => {
  const terminal = recordingTerminal();
  await askSlowly(terminal);
  const progress = terminal.noted.filter((line) => line.startsWith('after '));
  expect(progress[0]).toBe('after 10.0 s: reading the prompt');
  expect(progress.at(-1)).toMatch(/^after \d+\.0 s: \d+ tokens? in 1 candidate/);
  expect(terminal.printed).toEqual(['twelve']);
});

it('a terminal shows it live instead', async () => {
  const terminal = recordingTerminal({ progress: plainTerminal });
  await askSlowly(terminal);
  expect(terminal.noted.filter((line) => line.startsWith('after '))).toEqual([]);
});
