import { describe, expect, it } from 'vitest';
import { askEngine, openServed } from '../../../../../lab/bench/serving/engineClient.ts';
import { askPlainly } from '../../../../../lab/bench/serving/plainClient.ts';
import {
  decodeSpeed,
  requireTokens,
  type ServedText,
  TokenWatch,
} from '../../../../../lab/bench/serving/servedText.ts';
import { leastAlternatives } from '../../../../../sidecar/engine/remote/textServer.ts';
import { unhurried } from '../../../../support/engine/generating.ts';
import { type Fault, StubServer } from '../../../../support/server/stubServer.ts';

const script = () => 'one two three four five';
const prompt = [4, 5, 6];

async function askBoth(
  stub: StubServer,
): Promise<{ readonly plain: ServedText; readonly engine: ServedText }> {
  const request = { prompt, tokens: 5, alternatives: leastAlternatives };
  const plain = await askPlainly(stub.address, request, unhurried);
  const { engine, model } = await openServed(stub.address, 1, unhurried);
  try {
    return { plain, engine: await askEngine(model, request, unhurried) };
  } finally {
    await engine.dispose();
  }
}

describe('a plain client and the engine', () => {
  it('have a server do the same work', async () => {
    await using stub = await StubServer.start({ script });
    await askBoth(stub);
    const [plain, , engine] = stub.bodiesTo('/completion');

    // The one between them is the engine's first look at the server.
    expect(plain).toMatchObject({ prompt, n_predict: 5, n_probs: leastAlternatives, stream: true });
    expect(engine).toMatchObject(plain ?? {});
    expect(Object.keys(engine ?? {}).filter((name) => !(name in (plain ?? {})))).toEqual([
      'model',
      'post_sampling_probs',
      'preserved_tokens',
    ]);
  });

  it('count the same tokens, none of them twice', async () => {
    await using stub = await StubServer.start({ script });
    const texts = await askBoth(stub);

    for (const text of Object.values(texts)) {
      expect(text).toMatchObject({ tokenCount: 5, firstTokenCount: 1 });
      expect(text.firstTokenMs).toBeGreaterThan(0);
      expect(text.lastTokenMs).toBeGreaterThan(text.firstTokenMs);
      expect(text.endMs).toBeGreaterThanOrEqual(text.lastTokenMs);
    }
  });
});

describe('a plain client', () => {
  const ask = (stub: StubServer) =>
    askPlainly(stub.address, { prompt, tokens: 5, alternatives: 0 }, unhurried);

  it('puts events together whose bytes come one by one', async () => {
    await using stub = await StubServer.start({ script });
    stub.fail('/completion', { type: 'bytewise' });
    expect(await ask(stub)).toMatchObject({ tokenCount: 5 });
  });

  it.each<Fault>([
    { type: 'status', status: 503 },
    { type: 'end', after: 0 },
  ])('measures nothing where the answer is %j', async (fault) => {
    await using stub = await StubServer.start({ script });
    stub.fail('/completion', fault);
    await expect(ask(stub)).rejects.toMatchObject({ code: 'engine.failed' });
  });
});

describe('the time of a text', () => {
  it('has the speed of the tokens after the first ones', () => {
    const text = { firstTokenMs: 100, lastTokenMs: 600, endMs: 601, firstTokenCount: 2, tokenCount: 12 };
    expect(decodeSpeed(text)).toBe(20);
  });

  it('is refused where the text has another length than was asked for', () => {
    const watch = new TokenWatch();
    watch.see(2);
    watch.see(0);
    watch.see(3);
    const text = watch.end();
    expect(text).toMatchObject({ firstTokenCount: 2, tokenCount: 5 });
    expect(() => {
      requireTokens(text, 6);
    }).toThrow(expect.objectContaining({ code: 'engine.failed' }));
    requireTokens(text, 5);
  });
});
