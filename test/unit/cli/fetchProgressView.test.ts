import { describe, expect, it } from 'vitest';
import { FetchProgressView } from '../../../sidecar/cli/drawing/fetchProgressView.ts';
import type { FetchProgress } from '../../../protocol/messages.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { plainTerminal, recordingTerminal } from '../../support/recordingTerminal.ts';

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
  it('takes a line for every tenth of a slow download', () => {
    expect(linesOf(1_000, 1000)).toHaveLength(11);
  });

  it('takes few lines for a quick one', () => {
    expect(linesOf(1, 1000)).toHaveLength(2);
    expect(linesOf(20, 1000)).toHaveLength(5);
  });

  it('goes by time alone while nobody knows the size', () => {
    expect(linesOf(20, null)).toHaveLength(5);
  });

  it('names every phase once', () => {
    const terminal = recordingTerminal();
    const view = new FetchProgressView('qwen', terminal, new ManualClock());
    for (const phase of ['download', 'assemble', 'verify'] as const) {
      view.show(at(phase, 0));
      view.show(at(phase, 500));
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
