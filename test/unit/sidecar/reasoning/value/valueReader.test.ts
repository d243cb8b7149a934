import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import type { ValueHead, ValueInput } from '../../../../../sidecar/reasoning/value/valueHead.ts';
import { ValueReader, type ValueReading } from '../../../../../sidecar/reasoning/value/valueReader.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

/** A head whose values are the first number of the state, and which keeps what it was asked. */
function headOf({ fails = false, places = ['lineEnd', 'answer'] as ValueHead['places'] } = {}) {
  const batches: (readonly ValueInput[])[] = [];
  const head: ValueHead = {
    rules: { kappa: 1, settledAt: 0.8, hopelessBelow: 0 },
    places,
    values: (inputs) => {
      batches.push(inputs);
      return fails
        ? Promise.reject(new Error('the graph is broken'))
        : Promise.resolve(inputs.map(({ state }) => state[0] ?? NaN));
    },
    dispose: () => Promise.resolve(),
  };
  return { head, batches };
}

function reading(place: ValueReading['place'], value: number, generatedTokens = 10): ValueReading {
  return {
    place,
    generatedTokens,
    characters: generatedTokens,
    entropyNats: 1,
    state: Float32Array.of(value),
  };
}

describe('ValueReader', () => {
  test('reads states that come together in one run, and the answer with the votes before it', async () => {
    const { head, batches } = headOf();
    const reader = new ValueReader(head);
    reader.read(0, reading('lineEnd', 0.25, 4));
    reader.read(1, reading('lineEnd', 0.5, 5));
    reader.read(0, reading('end', 0.1));
    // The last end is that of the answer.
    reader.read(0, reading('end', 0.75, 20));
    expect(await reader.finish(0, { answer: '12' })).toEqual({
      type: 'value/read',
      candidateId: 0,
      lineEnds: { atTokens: [4], values: [0.25] },
      answer: 0.75,
    });
    expect(batches[0]).toHaveLength(3);
    reader.read(1, reading('lineEnd', 0.3, 9));
    reader.read(1, reading('end', 0.123456, 12));
    const second = await reader.finish(1, { answer: '12' });
    expect(second).toMatchObject({ lineEnds: { atTokens: [5, 9], values: [0.5, 0.3] }, answer: 0.1235 });
    // At the line end one vote that leads; at the answer one that agrees.
    const [lineEnd, answer] = batches.flat().slice(3);
    expect(lineEnd?.features.slice(3)).toEqual([0.75, 0.5, Math.log(2)]);
    expect(answer?.features.slice(3)).toEqual([0.75, 0.75, Math.log(2)]);
  });

  test('values of line ends are taken once they are there, and the end has the others', async () => {
    const { head } = headOf();
    const reader = new ValueReader(head);
    reader.read(0, reading('lineEnd', 0.25, 4));
    expect(reader.takeKnown(0)).toBeNull();
    await setImmediate();
    reader.read(0, reading('lineEnd', 0.5, 7));
    expect(reader.takeKnown(0)).toEqual({
      type: 'value/read',
      candidateId: 0,
      lineEnds: { atTokens: [4], values: [0.25] },
      answer: null,
    });
    expect([reader.takeKnown(0), reader.takeKnown(1)]).toEqual([null, null]);
    reader.read(0, reading('end', 0.75, 9));
    expect(await reader.finish(0, { answer: '12' })).toMatchObject({
      lineEnds: { atTokens: [7], values: [0.5] },
      answer: 0.75,
    });
    expect(reader.takeKnown(0)).toBeNull();
  });

  test('an end without an answer has no value; nor has a line before the text', async () => {
    const { head } = headOf();
    const reader = new ValueReader(head);
    reader.read(0, { ...reading('lineEnd', 0.5), characters: 0 });
    reader.read(0, reading('end', 0.9));
    expect(await reader.finish(0, { answer: null })).toBeNull();
  });

  test('places that the head does not serve are not read', async () => {
    const { head, batches } = headOf({ places: ['answer'] });
    const reader = new ValueReader(head);
    reader.read(0, reading('lineEnd', 0.5));
    reader.read(0, reading('end', 0.9));
    expect(await reader.finish(0, { answer: '1' })).toMatchObject({ lineEnds: { values: [] }, answer: 0.9 });
    expect(batches.flat().map(({ place }) => place)).toEqual(['answer']);
  });

  test('a head that fails gives nothing, and takes nothing down', async () => {
    const reader = new ValueReader(headOf({ fails: true }).head);
    reader.read(0, reading('lineEnd', 0.5));
    reader.read(0, reading('end', 0.9));
    expect(await reader.finish(0, { answer: '1' })).toBeNull();
  });
});

const script = scriptBySequence([
  ['Four each.\nSo twelve.\nFinal answer:', ' 12\n'],
  ['Three each.\nFinal answer:', ' 9\n'],
]);
/** The state shows how long the text is by then. */
const engine = {
  local: { hiddenSize: 1 },
  hiddenState: (text: string) => Float32Array.of(Math.min(1, text.length / 1000)),
};
const request = { candidateCount: 2, maxThoughtTokens: 40 } as const;

test('with a head each candidate has its values in the log before it is closed, and the text is as without', async () => {
  const { head, batches } = headOf();
  const asked = { ...request, strategy: 'selfConsistency' } as const;
  const read = await runScripted(script, { request: asked, engine, dependencies: { valueHead: head } });
  const plain = await runScripted(script, { request: asked, engine });
  expect(read.state.values.map(({ candidateId }) => candidateId).sort()).toEqual([0, 1]);
  for (const { answer, lineEnds } of read.state.values) {
    expect(answer).toBeGreaterThan(0);
    expect(lineEnds.values.length).toBe(lineEnds.atTokens.length);
    expect(lineEnds.values.length).toBeGreaterThan(0);
  }
  const order = read.events.flatMap((event) =>
    event.type === 'value/read' || event.type === 'candidate/closed'
      ? [`${event.type} ${event.candidateId}`]
      : [],
  );
  for (const id of [0, 1])
    expect(order.lastIndexOf(`value/read ${id}`)).toBe(order.indexOf(`candidate/closed ${id}`) - 1);
  expect(batches.flat().every(({ features }) => features.length === 6)).toBe(true);
  expect(plain.state.values).toEqual([]);
  expect(read.result?.text).toBe(plain.result?.text);
  expect(read.state.candidates.map(({ answer }) => answer)).toEqual(
    plain.state.candidates.map(({ answer }) => answer),
  );
});

test('automatic answering asks no head', async () => {
  const { head, batches } = headOf();
  const { state } = await runScripted(script, {
    request: { ...request, strategy: 'auto' },
    engine,
    dependencies: { valueHead: head },
  });
  expect(state.values).toEqual([]);
  expect(batches).toEqual([]);
});
