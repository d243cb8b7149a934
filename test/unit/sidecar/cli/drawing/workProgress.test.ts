import { describe, expect, it } from 'vitest';
import { secondsLeftByShare, WorkProgress } from '../../../../../sidecar/cli/drawing/workProgress.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { plainTerminal, recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';

const second = 1000;
const hour = 3600 * second;

/** What a log says of work that takes so long, reported in so many steps. */
function notesOf(durationMs: number, steps: number): readonly string[] {
  const clock = new ManualClock();
  const terminal = recordingTerminal();
  const progress = new WorkProgress({ terminal, isJson: false }, clock);
  for (let done = 0; done < steps; done++) {
    progress.report('Sampling', done, steps);
    clock.advance(durationMs / steps);
  }
  progress.report('Sampling', steps, steps);
  progress.clear();
  clock.advance(hour);
  expect(terminal.printed).toEqual([]);
  return terminal.noted;
}

describe('progress in a log', () => {
  it('is nothing for what is quick', () => {
    expect(notesOf(9 * second, 1000)).toEqual([]);
  });

  it('begins early and goes on every ten seconds', () => {
    const notes = notesOf(60 * second, 600);
    expect(notes).toHaveLength(6);
    expect(notes[0]).toMatch(/^Sampling: 16 %, 5\d s left$/);
  });

  it('takes a line for each twentieth of what takes an hour', () => {
    const notes = notesOf(hour, 3600);
    expect(notes[0]).toBe('Sampling: 0 %');
    expect(notes.length).toBeGreaterThanOrEqual(19);
    expect(notes.length).toBeLessThanOrEqual(22);
  });

  it('shows every five minutes that days of work go on, also between two steps', () => {
    expect(notesOf(24 * hour, 24 * 3600).length).toBeGreaterThan(24 * 11);
    const clock = new ManualClock();
    const terminal = recordingTerminal();
    const progress = new WorkProgress({ terminal, isJson: false }, clock);
    progress.report('Healing', 0, 1);
    for (let elapsed = 0; elapsed < hour; elapsed += second) clock.advance(second);
    expect(terminal.noted.length).toBeGreaterThanOrEqual(12);
  });

  it('tells of each piece of work, as soon as it takes long', () => {
    const clock = new ManualClock();
    const terminal = recordingTerminal();
    const progress = new WorkProgress({ terminal, isJson: false }, clock);
    for (const what of ['Checking', 'Sampling', 'Training']) {
      progress.report(what, 1, 100);
      clock.advance(10 * second);
    }
    expect(terminal.noted).toEqual(['Checking: 1 %', 'Sampling: 1 %', 'Training: 1 %']);
  });
});

describe('progress elsewhere', () => {
  it('is an object for each new per cent for programs, and no line beside', () => {
    const clock = new ManualClock();
    const terminal = recordingTerminal();
    const progress = new WorkProgress({ terminal, isJson: true }, clock);
    for (let done = 0; done <= 400; done++) {
      progress.report('Sampling', done, 400);
      clock.advance(second);
    }
    expect(terminal.printed).toHaveLength(101);
    const whole = { type: 'progress', what: 'Sampling', total: 400 };
    expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({ ...whole, done: 0, secondsLeft: null });
    expect(JSON.parse(terminal.printed[25] ?? '')).toEqual({ ...whole, done: 100, secondsLeft: 300 });
    expect(terminal.noted).toEqual([]);
  });

  it('is one line redrawn on a terminal', () => {
    const clock = new ManualClock();
    const terminal = recordingTerminal({ progress: plainTerminal });
    const progress = new WorkProgress({ terminal, isJson: false }, clock);
    progress.report('Sampling', 5, 10);
    clock.advance(hour);
    progress.clear();
    expect(terminal.painted).toEqual([['Sampling: 50 %, 0 s left'], []]);
    expect(terminal.noted).toEqual([]);
  });
});

describe('the time that is left', () => {
  it('follows from what is done', () => {
    expect(secondsLeftByShare(0, 5000)).toBeNull();
    expect(secondsLeftByShare(0.5, 20_000)).toBe(20);
    expect(secondsLeftByShare(0.25, 60_000)).toBe(180);
    expect(secondsLeftByShare(1, 60_000)).toBe(0);
  });

  it('is told in seconds and then in minutes', () => {
    const clock = new ManualClock();
    const terminal = recordingTerminal({ progress: plainTerminal });
    const progress = new WorkProgress({ terminal, isJson: false }, clock);
    progress.report('Sampling', 0, 4);
    clock.advance(60 * second);
    progress.report('Sampling', 1, 4);
    progress.report('Sampling', 3, 4);
    expect(terminal.painted.slice(1)).toEqual([
      ['Sampling: 25 %, 3 min left'],
      ['Sampling: 75 %, 20 s left'],
    ]);
  });
});
