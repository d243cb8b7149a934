import { describe, expect, it } from 'vitest';
import type { FetchProgress } from '../../../../../protocol/messages.ts';
import { FetchProgressView } from '../../../../../sidecar/cli/drawing/fetchProgressView.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { plainTerminal, recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';

function at(
  phase: FetchProgress['phase'],
  doneBytes: number,
  totalBytes: number | null = 1000,
): FetchProgress {
  return { phase, source: 'hub', doneBytes, totalBytes, bytesPerSecond: null };
}

/** What a log shows of a download of a thousand reports that take this long each. */
function linesOf(msEach: number, totalBytes: number | null): readonly string[] {
  const clock = new ManualClock();
  const terminal = recordingTerminal();
  const view = new FetchProgressView('qwen', terminal, clock);
  for (let doneBytes = 0; doneBytes <= 1000; doneBytes += 1) {
    view.show(at('download', doneBytes, totalBytes));
    clock.advance(msEach);
  }
  view.end();
  expect(terminal.painted).toEqual([]);
  return terminal.noted;
}

describe('in a log', () => {
  it('takes a line for every twentieth of a slow download', () => {
    const lines = linesOf(1_000, 1000);
    expect(lines.length).toBeGreaterThanOrEqual(16);
    expect(lines.length).toBeLessThanOrEqual(20);
  });

  it('takes none for a quick one, and few for one that is not slow', () => {
    expect(linesOf(1, 1000)).toEqual([]);
    expect(linesOf(40, 1000)).toHaveLength(4);
  });

  it('goes by time alone while nobody knows the size', () => {
    expect(linesOf(40, null)).toHaveLength(4);
  });

  it('names every phase that takes long once', () => {
    const clock = new ManualClock();
    const terminal = recordingTerminal();
    const view = new FetchProgressView('qwen', terminal, clock);
    for (const phase of ['download', 'assemble', 'verify'] as const) {
      view.show(at(phase, 0));
      clock.advance(10_000);
      view.show(at(phase, 10));
      clock.advance(10_000);
    }
    expect(terminal.noted).toHaveLength(3);
  });
});

describe('on a terminal', () => {
  it('redraws one line and takes it away at the end', () => {
    const terminal = recordingTerminal({ progress: plainTerminal });
    const view = new FetchProgressView('qwen', terminal, new ManualClock());
    view.show(at('download', 0));
    view.show(at('download', 500));
    view.end();
    expect(terminal.noted).toEqual([]);
    expect(terminal.painted.map((lines) => lines.length)).toEqual([1, 1, 0]);
  });
});
