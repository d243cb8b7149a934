import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompleteResult, ContextOffer } from '../../protocol/messages.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const prices = [
  'def price_of(item, country, currency):',
  '    """Price of an item in a country, taxes included."""',
  '    return item.net * (1 + country.tax) * currency.rate',
  '',
].join('\n');
const cart = [
  'from prices import price_of',
  '',
  'def total(items, country, currency):',
  '    return sum(',
  '',
].join('\n');
const own = 'file:///shop/cart.py';
const read = /other files: (\d+) tokens before the prompt; read (\d+)/gu;

describe('parts of other files', () => {
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    sidecar = await SidecarProcess.ready({
      settings: { model: 'qwen2.5-coder-0.5b', contextTokens: 4096, completionOtherFiles: true },
    });
  });
  afterAll(() => sidecar[Symbol.asyncDispose]());

  const complete = (seed?: number): Promise<CompleteResult> =>
    sidecar.request('entropane/complete', {
      textDocument: { uri: own },
      position: { line: 3, character: 15 },
      trigger: 'invoked',
      maxTokens: 4,
      ...(seed !== undefined && { seed }),
    });
  const reads = (): readonly number[] =>
    [...sidecar.stderr.matchAll(read)].map(([, tokens]) => Number(tokens));

  test('of documents that are open come before a prompt, and a key reads only what is new', async () => {
    await sidecar.open('file:///shop/prices.py', prices);
    await sidecar.open(own, cart);
    await sidecar.until(() => reads().length > 0, 'the reading at rest');
    const [frontTokens = 0] = reads();
    expect(frontTokens).toBeGreaterThan(20);
    const alone = await complete(1);
    const { report } = await complete();
    expect(report.promptTokenCount).toBe(alone.report.promptTokenCount + frontTokens);
    expect(report.cachedTokenCount).toBeGreaterThanOrEqual(frontTokens);
  });

  test('that are offered as a declaration are read at rest', async () => {
    const before = reads().length;
    const offer: ContextOffer = {
      uri: 'file:///shop/money.py',
      version: 0,
      range: { start: { line: 4, character: 0 }, end: { line: 6, character: 20 } },
      text: 'def total_in(currency, items):\n    """Sum of the prices of items in a currency."""\n    return sum(items)',
      reason: 'declaration',
      at: new Date().toISOString(),
    };
    await sidecar.connection.sendNotification('entropane/context/offered', offer);
    await sidecar.until(() => reads().length > before, 'the reading at rest');
    expect(reads().at(-1)).toBeGreaterThan(reads()[0] ?? Infinity);
  });
});
