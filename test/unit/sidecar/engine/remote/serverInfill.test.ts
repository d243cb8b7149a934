import { describe, expect, it } from 'vitest';
import { ScriptedVocabulary } from '../../../../../sidecar/engine/scripted/scriptedVocabulary.ts';
import { buildInfillPrompt } from '../../../../../sidecar/prompts/infillPrompt.ts';
import { generated, promptedSequence, requestWith } from '../../../../support/engine/generating.ts';
import { openRemote } from '../../../../support/server/remoteModel.ts';
import type { StubInfill } from '../../../../support/server/stubModel.ts';
import { StubServer, type StubServerOptions } from '../../../../support/server/stubServer.ts';

const piped = { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' } as const;
const own = { prefix: '<|left|>', suffix: '<|right|>', middle: '<|here|>' } as const;

/** A stub with these markers, opened, with what it was asked. */
async function opened(infill: StubInfill | null, options: StubServerOptions = {}) {
  const vocabulary = new ScriptedVocabulary(['<|im_start|>']);
  const stub = await StubServer.start({ infill, vocabulary, ...options });
  const model = await openRemote(stub.address);
  return {
    model,
    stub,
    idOf: (text: string) => vocabulary.idOf(text),
    [Symbol.asyncDispose]: () => stub[Symbol.asyncDispose](),
  };
}

describe('a model of a llama-server that fills in the middle', () => {
  it('is asked as its family was trained, without asking the server how', async () => {
    await using server = await opened(
      { ...piped, order: 'suffixThenPrefix' },
      { modelName: 'granite-4.0-h-1b' },
    );
    const { infill } = server.model.info;

    expect(infill).toMatchObject({ family: 'granite', orders: ['prefixFirst'] });
    expect(infill?.prefix).toBe(server.idOf('<|fim_prefix|>'));
    expect(server.stub.bodiesTo('/infill')).toEqual([]);
  });

  it.each(['prefixFirst', 'suffixThenPrefix'] as const)(
    'of a family that is not known is asked with the markers and in the order of the server: %s',
    async (order) => {
      await using server = await opened({ ...own, order });
      const { model, idOf } = server;

      expect(model.info.infill).toEqual({
        family: 'unknown',
        prefix: idOf('<|left|>'),
        suffix: idOf('<|right|>'),
        middle: idOf('<|here|>'),
        orders: [order],
        files: null,
        putsBlankBefore: false,
      });
      const budget = { prefixTokens: 8, suffixTokens: 8 };
      const prompt = await buildInfillPrompt(model, { prefix: 'x = ', suffix: '\n' }, budget);
      const arranged = {
        prefixFirst: '<|left|>x = <|right|>\n<|here|>',
        suffixThenPrefix: '<|right|>\n<|left|>x = <|here|>',
      };
      expect(await model.detokenize(prompt)).toBe(arranged[order]);
    },
  );

  it('ends at the markers of its family, which the server may write', async () => {
    await using server = await opened(
      { ...piped, order: 'prefixFirst' },
      { modelName: 'granite-4.0-h-1b', script: () => [' total', '<|fim_prefix|>', ' more'] },
    );
    const sequence = await promptedSequence(server.model, 'return');
    const { text, end } = await generated(sequence, requestWith());

    expect([text, end]).toEqual([' total', { type: 'endToken', id: server.idOf('<|fim_prefix|>') }]);
    expect(sequence.length).toBe(3);
  });
});

it('a model without markers fills nothing in, and one whose server knows no such path neither', async () => {
  await using none = await opened(null);
  expect(none.model.info.infill).toBeNull();
  expect(none.stub.bodiesTo('/infill')).toHaveLength(1);

  await using older = await StubServer.start({ infill: { ...own, order: 'prefixFirst' } });
  older.fail('/infill', { type: 'status', status: 404 });
  expect((await openRemote(older.address)).info.infill).toBeNull();
});

describe('a model that was trained with a token before every text', () => {
  it('is given it once, and it takes its place in the context', async () => {
    await using server = await opened(null, { hasBeginToken: true, contextTokens: 64, script: () => 'x' });
    const { model, stub, idOf } = server;
    await generated(await promptedSequence(model, 'a b'), requestWith());
    await generated(await promptedSequence(model, '<|im_start|>a'), requestWith());
    const [, lacking, having] = stub.bodiesTo('/completion');

    expect(lacking?.prompt).toEqual([idOf('<|im_start|>'), idOf('a'), idOf(' b')]);
    expect(having?.prompt).toEqual([idOf('<|im_start|>'), idOf('a')]);
    expect(model.info.contextTokens).toBe(63);
  });
});
