import { describe, expect, it } from 'vitest';
import {
  BatchJoinWindow,
  comingOwner,
  comingPatienceMs,
  ownerPatienceMs,
} from '../../../../../../sidecar/engine/llama/decoding/batchJoinWindow.ts';
import { ManualClock } from '../../../../../support/machine/manualClock.ts';

describe('BatchJoinWindow', () => {
  const clock = new ManualClock();
  const open = (): BatchJoinWindow => new BatchJoinWindow(() => clock.now());

  it('waits for each owner until it has spoken', () => {
    const owners = open();
    expect(owners.waitMs(false)).toBe(0);
    owners.answered(1, 'background');
    owners.answered(2, 'background');
    expect(owners.waitMs(false)).toBe(ownerPatienceMs);
    owners.heard(1);
    expect(owners.waitMs(false)).toBe(ownerPatienceMs);
    owners.heard(2);
    expect(owners.waitMs(false)).toBe(0);
  });

  it('loses patience, and has it anew for the next answer', () => {
    const owners = open();
    owners.answered(1, 'background');
    clock.advance(10);
    expect(owners.waitMs(false)).toBe(ownerPatienceMs - 10);
    clock.advance(ownerPatienceMs);
    expect(owners.waitMs(false)).toBe(0);
    owners.answered(1, 'background');
    expect(owners.waitMs(false)).toBe(ownerPatienceMs);
  });

  it('keeps no interactive work waiting for a background owner', () => {
    const owners = open();
    owners.answered(1, 'background');
    expect(owners.waitMs(true)).toBe(0);
    owners.answered(2, 'interactive');
    expect(owners.waitMs(true)).toBe(ownerPatienceMs);
  });

  it('keeps background work waiting longer for an interactive sequence that is about to be opened', () => {
    const owners = open();
    expect(owners.interactiveWaitMs).toBe(0);
    owners.answered(comingOwner, 'interactive');
    expect(owners.interactiveWaitMs).toBe(comingPatienceMs);
    clock.advance(ownerPatienceMs);
    expect(owners.waitMs(true)).toBe(0);
    expect(owners.interactiveWaitMs).toBe(comingPatienceMs - ownerPatienceMs);
    owners.heard(comingOwner);
    expect(owners.interactiveWaitMs).toBe(0);
    owners.answered(1, 'interactive');
    expect(owners.interactiveWaitMs).toBe(ownerPatienceMs);
  });
});
