import { describe, expect, it } from 'vitest';
import {
  MachineLoad,
  ownProcessorMs,
  systemProcessorTimes,
} from '../../../../../../sidecar/engine/llama/decoding/machineLoad.ts';

/** Four cores, of which others and this process use so many, sampled each second. */
class Machine {
  nowMs = 0;
  others = 0;
  own = 0;
  cores = 4;
  #busyMs = 0;
  #ownMs = 0;
  readonly load = new MachineLoad(
    () => ({ busyMs: this.#busyMs, ownMs: this.#ownMs, cores: this.cores }),
    () => this.nowMs,
  );

  pass(durationMs: number): void {
    this.nowMs += durationMs;
    this.#ownMs += this.own * durationMs;
    this.#busyMs += (this.own + this.others) * durationMs;
  }

  second(): void {
    this.load.sample();
    this.pass(1_000);
  }
}

describe('machine load', () => {
  it('is unknown until a sample is old enough', () => {
    const machine = new Machine();
    expect(machine.load.freeCores()).toBeNull();
    machine.load.sample();
    machine.pass(100);
    expect(machine.load.freeCores()).toBeNull();
    machine.pass(400);
    expect(machine.load.freeCores()).toBe(4);
  });

  it('leaves out what this process uses', () => {
    const machine = new Machine();
    machine.own = 3;
    machine.others = 1;
    machine.second();
    expect(machine.load.freeCores()).toBe(3);
  });

  it('is that of the last two seconds at most', () => {
    const machine = new Machine();
    machine.others = 4;
    for (let i = 0; i < 5; i++) machine.second();
    machine.others = 0;
    machine.second();
    machine.load.sample();
    // The newest sample is too new, and the one before is a second old.
    machine.pass(100);
    expect(machine.load.freeCores()).toBe(4);
  });

  it('is unknown after the machine slept, and where the system does not count', () => {
    const machine = new Machine();
    machine.second();
    machine.pass(60_000);
    expect(machine.load.freeCores()).toBeNull();
    machine.cores = 0;
    machine.second();
    expect(machine.load.freeCores()).toBeNull();
  });

  it('never leaves more cores than there are, or fewer than none', () => {
    const machine = new Machine();
    machine.others = -0.5;
    machine.second();
    expect(machine.load.freeCores()).toBe(4);
    machine.others = 9;
    machine.second();
    expect(machine.load.freeCores()).toBe(0);
  });

  it('is read from this system in milliseconds', () => {
    const before = systemProcessorTimes();
    let sum = 0;
    for (let i = 0; ownProcessorMs() - before.ownMs < 100; i++) sum += Math.sqrt(i);
    const after = systemProcessorTimes();
    expect(sum).toBeGreaterThan(0);
    expect(after.cores).toBeGreaterThan(0);
    // The system counts in steps of 10 ms and more, on each core.
    expect(after.busyMs - before.busyMs).toBeGreaterThan(50);
  });
});
