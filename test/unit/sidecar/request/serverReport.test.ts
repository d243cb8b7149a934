import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { fillInTheMiddle } from '../../../../sidecar/completion/fillInTheMiddle.ts';
import type { ServerTurn } from '../../../../sidecar/engine/engine.ts';
import { capabilityTiers } from '../../../../sidecar/engine/scripted/capabilityTiers.ts';
import { ScriptedVocabulary } from '../../../../sidecar/engine/scripted/scriptedVocabulary.ts';
import { BudgetMeter } from '../../../../sidecar/request/budgetMeter.ts';
import { reportServers, serverEvents } from '../../../../sidecar/request/serverReport.ts';
import { Steering } from '../../../../sidecar/request/steering.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { askModel } from '../../../support/engine/askedModel.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { runScripted, scriptedRequest } from '../../../support/engine/scriptedRequest.ts';
import { openRemote } from '../../../support/server/remoteModel.ts';
import { StubServer } from '../../../support/server/stubServer.ts';
import { CollectedEvents } from '../../../support/trace/collectedEvents.ts';

/** Goes on counting after what the prompt has counted already. */
const counting = (prompt: string) => {
  const done = (prompt.match(/ n\d/g) ?? []).length;
  return Array.from({ length: 6 - done }, (_, at) => ` n${done + at}`);
};
const vocabulary = new ScriptedVocabulary(['<|im_start|>']);
const replays = 'Each candidate sends the prompt again; it is counted once.';
const nameOf = ({ address }: StubServer): string => `llama-server b1-stub at ${address}`;
const serverDecisions = (events: readonly Pick<TraceEvent, 'type'>[]): readonly unknown[] =>
  events.filter(
    (event) => 'kind' in event && ['serverChosen', 'serverReplaced'].includes(String(event.kind)),
  );

describe('the log of a question', () => {
  it('names no server where the model runs on this machine', async () => {
    const { events } = await runScripted(() => 'It is 12.');
    expect(serverDecisions(events)).toEqual([]);
  });

  it('says once on which server it runs', async () => {
    await using stub = await StubServer.start({ script: counting, vocabulary });
    const { events } = await askModel(await openRemote(stub.address), scriptedRequest);
    expect(serverDecisions(events)).toMatchObject([
      { kind: 'serverChosen', candidateId: null, why: `Runs on ${nameOf(stub)}. ${replays}` },
    ]);
  });

  it('names both servers where one fails in the middle of an answer', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    first.fail('/completion', { type: 'close', after: 3 });
    const { events, state, result } = await askModel(model, scriptedRequest);

    expect(result.text.trim()).toBe('n0 n1 n2 n3 n4 n5');
    expect(serverDecisions(events)).toMatchObject([
      {
        kind: 'serverChosen',
        candidateId: null,
        why: `Runs on ${nameOf(first)} and ${nameOf(second)}. ${replays}`,
      },
      { kind: 'serverChosen', candidateId: 0, why: `Written on ${nameOf(first)}.` },
      {
        kind: 'serverReplaced',
        candidateId: 0,
        why: expect.stringMatching(
          new RegExp(`${first.address}.*${nameOf(second)} goes on in its place after 3 tokens\\.$`),
        ) as string,
      },
    ]);
    expect(state.candidates[0]?.tokenCount).toBe(6);
  });
});

it('the log of a completion names the servers too', async () => {
  await using first = await StubServer.start({ script: () => 'total', vocabulary });
  await using second = await StubServer.start({ script: () => 'total', vocabulary });
  const model = await openRemote(first.address, { others: [second.address] });
  first.fail('/completion', { type: 'status', status: 500 });
  const events = new CollectedEvents();
  const budget = { thoughtTokensPerCandidate: 0, answerTokensPerCandidate: 16, generatedTokens: null };
  await fillInTheMiddle(
    {
      model,
      promptTokens: await model.tokenize('return ', { special: false }),
      sequenceOptions: { priority: 'interactive' },
      meter: new BudgetMeter({ ...budget, durationMs: null }, () => 0),
      steering: new Steering(),
      candidateCount: 1,
      seed: 1,
      place: placeAt('return |'),
    },
    { events, signal: unhurried },
  );
  expect(serverDecisions(events.all)).toMatchObject([
    { kind: 'serverChosen', candidateId: null },
    {
      kind: 'serverReplaced',
      candidateId: 0,
      why: expect.stringContaining(`${nameOf(second)} goes on in its place.`) as string,
    },
  ]);
});

it.each([
  ['llamaServer', `Runs on A. ${replays}`],
  ['local', 'Runs on A.'],
] as const)('forks that are not shared are said to be sent again: %s', (tier, why) => {
  const info = { local: null, backend: 'A', capabilities: capabilityTiers[tier] };
  expect(serverEvents(info)).toMatchObject([{ why }]);
});

describe('a generation on several servers', () => {
  const turn = (server: string, why: string | null = null): ServerTurn => ({ server, afterTokens: 2, why });

  it('names a writer again only where it is another one', async () => {
    const events = new CollectedEvents();
    const said = { candidateId: 1, writer: 'A' };
    expect(await reportServers({ serverTurns: [turn('A')] }, said, events)).toBe('A');
    expect(events.all).toEqual([]);
    expect(await reportServers({ serverTurns: [turn('B')] }, said, events)).toBe('B');
    expect(events.all).toMatchObject([{ kind: 'serverChosen', why: 'Written on B.' }]);
  });

  it('that is part of no candidate names only who took over', async () => {
    const events = new CollectedEvents();
    const serverTurns = [turn('A'), turn('B', 'A went away.')];
    await reportServers({ serverTurns }, { candidateId: null, writer: null }, events);
    expect(events.all).toMatchObject([
      {
        kind: 'serverReplaced',
        candidateId: null,
        why: 'A went away. B goes on in its place after 2 tokens.',
      },
    ]);
  });
});
