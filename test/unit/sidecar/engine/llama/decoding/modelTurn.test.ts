import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelDemand, modelTurn } from '../../../../../../sidecar/engine/llama/decoding/modelTurn.ts';

interface NamedDemand extends ModelDemand {
  readonly name: string;
}

const idle = { hasWork: false, priority: 'background', waitMs: 0, interactiveWaitMs: 0 } as const;
const completing = { ...idle, name: 'small', hasWork: true, priority: 'interactive' } as const;
const answering = { ...idle, name: 'large', hasWork: true } as const;

function turnOf(...models: readonly NamedDemand[]) {
  const { now, waitMs } = modelTurn(models);
  return { now: now.map(({ name }) => name), waitMs };
}

describe('the turn of models', () => {
  it('is the completion’s while a question runs on another model', () => {
    expect(turnOf(answering, completing)).toEqual({ now: ['small'], waitMs: 0 });
  });

  it('goes back to the question once the completion is over', () => {
    expect(turnOf(answering, { ...idle, name: 'small' })).toEqual({ now: ['large'], waitMs: 0 });
  });

  it('is nobody’s for the moment in which a completion’s owner says what comes next', () => {
    const between = { ...idle, name: 'small', interactiveWaitMs: 20 };
    expect(turnOf(answering, between)).toEqual({ now: [], waitMs: 20 });
  });

  it('does not have a completion wait for the owner of a question', () => {
    expect(turnOf({ ...answering, waitMs: 20 }, completing)).toEqual({ now: ['small'], waitMs: 0 });
  });

  it('is shared, one round each, by models of the same class', () => {
    expect(turnOf(answering, { ...answering, name: 'routed' }).now).toEqual(['large', 'routed']);
    expect(turnOf(completing, { ...completing, name: 'other' }).now).toEqual(['small', 'other']);
  });

  it('waits for one model’s owner without keeping another of its class', () => {
    expect(turnOf({ ...answering, waitMs: 20 }, { ...answering, name: 'routed' })).toEqual({
      now: ['routed'],
      waitMs: 0,
    });
  });

  it('does not come without work', () => {
    expect(turnOf({ ...idle, name: 'small' })).toEqual({ now: [], waitMs: Infinity });
    expect(turnOf()).toEqual({ now: [], waitMs: Infinity });
  });
});

const demand = fc.record({
  hasWork: fc.boolean(),
  priority: fc.constantFrom('interactive', 'background'),
  waitMs: fc.nat(25),
  interactiveWaitMs: fc.nat(25),
});

it('never gives background work a round that interactive work wants, and always some model one in the end', () => {
  fc.assert(
    fc.property(fc.array(demand, { maxLength: 5 }), (models) => {
      const { now, waitMs } = modelTurn(models);
      const isTyping = models.some(({ hasWork, priority }) => hasWork && priority === 'interactive');
      if (isTyping) expect(now.filter(({ priority }) => priority === 'background')).toEqual([]);
      expect(now.every(({ hasWork }) => hasWork)).toBe(true);
      expect(now.length > 0).toBe(waitMs === 0);
      expect(waitMs === Infinity).toBe(!models.some(({ hasWork }) => hasWork));
    }),
  );
});
