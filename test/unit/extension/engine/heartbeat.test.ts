import { describe, expect, it } from 'vitest';
import {
  feelPulse,
  heartbeatLimits,
  type Pulse,
  type PulseAction,
} from '../../../../extension/engine/heartbeat.ts';

const { intervalMs, silenceMs, latenessMs } = heartbeatLimits;

/** What is done at ticks at these times; the sidecar answers what it was asked at the times in `answered`. */
function actions(ticksMs: readonly number[], answered: readonly number[] = []): readonly PulseAction[] {
  let pulse: Pulse = { lookedAtMs: 0, silentSinceMs: null };
  return ticksMs.map((nowMs) => {
    const felt = feelPulse(pulse, nowMs, heartbeatLimits);
    pulse = answered.includes(nowMs) ? { ...felt.pulse, silentSinceMs: null } : felt.pulse;
    return felt.action;
  });
}

const ticks = (count: number, fromMs = 0): number[] =>
  Array.from({ length: count }, (_, i) => fromMs + (i + 1) * intervalMs);

describe('feelPulse', () => {
  it('asks again and again where answers come', () => {
    expect(actions(ticks(4), ticks(4))).toEqual(['ask', 'ask', 'ask', 'ask']);
  });

  it('leaves one question open, and gives up when it was open too long', () => {
    const silent = actions(ticks(1 + silenceMs / intervalMs));
    expect(silent).toEqual(['ask', 'wait', 'wait', 'wait', 'wait', 'restart']);
  });

  it('goes on after an answer that came late', () => {
    const late = ticks(3).at(-1) ?? 0;
    expect(actions(ticks(6), [late])).toEqual(['ask', 'wait', 'wait', 'ask', 'wait', 'wait']);
  });

  it('counts anew after a tick that came late: the machine slept, or this process was blocked', () => {
    const woken = 3_600_000;
    const afterwards = actions([...ticks(2), woken, ...ticks(5, woken)]);
    expect(afterwards).toEqual(['ask', 'wait', 'wait', 'wait', 'wait', 'wait', 'wait', 'restart']);
  });

  it('has a timer that is a little late', () => {
    const late = intervalMs + latenessMs;
    const jittery = [intervalMs, intervalMs + late, intervalMs + 2 * late, silenceMs + intervalMs];
    expect(actions(jittery).at(-1)).toBe('restart');
  });
});
