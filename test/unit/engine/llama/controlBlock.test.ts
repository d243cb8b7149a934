import { describe, expect, it } from 'vitest';
import { ControlBlock } from '../../../../sidecar/engine/llama/controlBlock.ts';

/** Both ends of one block, as the two threads hold them. */
function pair(): { main: ControlBlock; engine: ControlBlock } {
  const main = new ControlBlock();
  return { main, engine: new ControlBlock(main.buffer) };
}

describe('ControlBlock', () => {
  it('aborts the decode that a cancelled slot is part of', () => {
    const { main, engine } = pair();
    expect(engine.enterDecode([3, 4])).toBe(true);
    main.cancel(4);
    expect(engine.isAborting).toBe(true);
    expect(engine.abortString[0]).toBe(1);
    expect(engine.abortString[1]).toBe(0);
  });

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
});
