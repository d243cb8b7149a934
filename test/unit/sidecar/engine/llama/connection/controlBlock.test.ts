import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ControlBlock,
  givingWay,
  slotCount,
} from '../../../../../../sidecar/engine/llama/connection/controlBlock.ts';

/** Both ends of one block, as the two threads hold them. */
function pair(): { main: ControlBlock; engine: ControlBlock } {
  const main = new ControlBlock();
  return { main, engine: new ControlBlock(main.buffer) };
}

/** Most accesses to shared memory of anything that is tested here. */
const mostAccesses = 8;

/** Runs `one`, and `other` in the middle of it: before its access number `at` to shared memory, as another thread might. */
function interleave(one: () => void, other: () => void, at: number): void {
  let count = 0;
  const comeBetween = (): void => {
    if (count++ === at) other();
  };
  const { load, store, add, compareExchange } = Atomics;
  vi.spyOn(Atomics, 'load').mockImplementation((...access: Parameters<typeof load>) => {
    comeBetween();
    return load(...access);
  });
  vi.spyOn(Atomics, 'store').mockImplementation((...access: Parameters<typeof store>) => {
    comeBetween();
    return store(...access);
  });
  vi.spyOn(Atomics, 'add').mockImplementation((...access: Parameters<typeof add>) => {
    comeBetween();
    return add(...access);
  });
  vi.spyOn(Atomics, 'compareExchange').mockImplementation((...access: Parameters<typeof compareExchange>) => {
    comeBetween();
    return compareExchange(...access);
  });
  one();
  vi.restoreAllMocks();
  if (count <= at) other();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('ControlBlock', () => {
  it('aborts the decode that a cancelled slot is part of', () => {
    const { main, engine } = pair();
    expect(engine.enterDecode([3, 4])).toBe(true);
    main.cancel(4);
    expect(engine.isAborting).toBe(true);
    expect(engine.abortString[0]).toBe(1);
    expect(engine.abortString[1]).toBe(0);
  });

  it('aborts a decode that gives way, and begins none until every urgent message was read', () => {
    const { main, engine } = pair();
    const slots = [slotCount - 1, givingWay];
    expect(engine.enterDecode(slots)).toBe(true);
    main.announceUrgent();
    main.announceUrgent();
    expect(engine.isAborting).toBe(true);
    engine.leaveDecode(slots);
    expect(engine.isCancelled(slotCount - 1)).toBe(false);
    engine.readUrgent();
    expect(engine.enterDecode(slots)).toBe(false);
    engine.leaveDecode(slots);
    engine.readUrgent();
    expect(engine.isUrgentComing).toBe(false);
    expect(engine.enterDecode(slots)).toBe(true);
  });

  it('leaves a decode alone that does not give way, whatever comes', () => {
    const { main, engine } = pair();
    expect(engine.enterDecode([3])).toBe(true);
    main.announceUrgent();
    expect(engine.isAborting).toBe(false);
  });

  it.each(Array.from({ length: mostAccesses }, (_, at) => at))(
    'loses no urgent message in a decode that begins or comes next (interleaved before access %i)',
    (at) => {
      for (const announceBetween of [true, false]) {
        const { main, engine } = pair();
        const answers: boolean[] = [];
        engine.enterDecode([givingWay]);
        const announce = (): void => {
          main.announceUrgent();
        };
        const goOn = (): void => {
          engine.leaveDecode([givingWay]);
          answers.push(engine.enterDecode([givingWay]));
        };
        if (announceBetween) interleave(goOn, announce, at);
        else interleave(announce, goOn, at);
        expect(answers).toHaveLength(1);
        expect(answers[0] === false || engine.isAborting).toBe(true);
      }
    },
  );

  it('leaves alone a decode that the slot is not part of', () => {
    const { main, engine } = pair();
    engine.enterDecode([3]);
    main.cancel(4);
    expect(engine.isAborting).toBe(false);
    expect(engine.isCancelled(4)).toBe(true);
  });

  it('does not let a decode begin with a cancelled slot', () => {
    const { main, engine } = pair();
    main.cancel(5);
    expect(engine.enterDecode([5, 6])).toBe(false);
  });

  it('does not carry an abort into the next decode', () => {
    const { main, engine } = pair();
    engine.enterDecode([1]);
    main.cancel(1);
    engine.leaveDecode([1]);
    expect(engine.isAborting).toBe(false);
    main.renew(1);
    expect(engine.enterDecode([1])).toBe(true);
  });

  it.each(Array.from({ length: mostAccesses }, (_, at) => at))(
    'does not let an abort that comes late reach a decode of others (interleaved before access %i)',
    (at) => {
      const { main, engine } = pair();
      engine.enterDecode([1]);
      interleave(
        () => {
          main.cancel(1);
        },
        () => {
          engine.leaveDecode([1]);
          engine.enterDecode([2]);
        },
        at,
      );
      expect(engine.isAborting).toBe(false);
      expect(engine.isCancelled(1)).toBe(true);
    },
  );

  it.each(Array.from({ length: mostAccesses }, (_, at) => at))(
    'loses no cancellation of the decode that begins or comes next (interleaved before access %i)',
    (at) => {
      for (const cancelBetween of [true, false]) {
        const { main, engine } = pair();
        const answers: boolean[] = [];
        engine.enterDecode([1]);
        const cancel = (): void => {
          main.cancel(1);
        };
        const goOn = (): void => {
          engine.leaveDecode([1]);
          answers.push(engine.enterDecode([1]));
        };
        if (cancelBetween) interleave(goOn, cancel, at);
        else interleave(cancel, goOn, at);
        expect(answers).toHaveLength(1);
        expect(answers[0] === false || engine.isAborting).toBe(true);
      }
    },
  );
});
