import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../../protocol/codedError.ts';
import { planLoad } from '../../../../../../sidecar/engine/llama/loading/loadPlan.ts';
import type { GgufHeader, GgufValue } from '../../../../../../sidecar/gguf/ggufHeader.ts';
import { denseShape, shapedHeader, withMetadata } from '../../../../../support/modelFiles/shapedHeader.ts';
import { int32ArrayValue, textValue, uint32Value } from '../../../../../support/modelFiles/tinyModel.ts';

const gibibyte = 2 ** 30;
const header = shapedHeader({ ...denseShape, blocks: 4, vocabulary: 256 });
const keys = [
  'block_count',
  'context_length',
  'embedding_length',
  'feed_forward_length',
  'attention.head_count',
  'attention.head_count_kv',
  'attention.key_length',
  'attention.value_length',
].map((key) => `shaped.${key}`);

const valueArbitrary: fc.Arbitrary<GgufValue> = fc.oneof(
  fc.integer({ min: 0, max: 64 }).map(uint32Value),
  fc.integer({ min: 0, max: 0xffff_ffff }).map(uint32Value),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).map((value) => ({ type: 'int32' as const, value })),
  fc.float().map((value) => ({ type: 'float32' as const, value })),
  fc.double().map((value) => ({ type: 'float64' as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => ({ type: 'uint64' as const, value })),
  fc.boolean().map((value) => ({ type: 'bool' as const, value })),
  fc.string({ maxLength: 4 }).map(textValue),
  fc.array(fc.integer({ min: 0, max: 64 }), { minLength: 4, maxLength: 4 }).map(int32ArrayValue),
  fc.array(fc.integer({ min: -4, max: 0x7fff_ffff }), { maxLength: 6 }).map(int32ArrayValue),
);
const tokensArbitrary = fc.maxSafeNat().map((count): GgufValue => {
  return { type: 'array', elementType: 'string', count, bytes: new Uint8Array(0) };
});
const headerArbitrary: fc.Arbitrary<GgufHeader> = fc
  .record({
    values: fc.dictionary(fc.constantFrom(...keys), valueArbitrary, { maxKeys: 3 }),
    tokens: fc.option(tokensArbitrary, { nil: null, freq: 8 }),
  })
  .map(({ values, tokens }) =>
    withMetadata(header, { ...values, ...(tokens !== null && { 'tokenizer.ggml.tokens': tokens }) }),
  );

const planArbitrary = fc.record({
  header: headerArbitrary,
  contextTokens: fc.constantFrom(0, 256, 100_000),
  cacheType: fc.constantFrom('auto' as const, 'f16' as const, 'q8_0' as const, 'q4_0' as const),
  hostBytes: fc.constantFrom(0, gibibyte, 64 * gibibyte, 1e15),
  device: fc.constantFrom(null, { freeBytes: 0, count: 1 }, { freeBytes: 8 * gibibyte, count: 2 }),
  extraBuffers: fc.constantFrom([], ['CPU_REPACK'], ['AMX', 'CPU_REPACK']),
});

/** Every number in a plan, however deep. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe('planning a load', () => {
  it('refuses what a header claims with a code, or plans with numbers that are some', () => {
    let plannedCount = 0;
    fc.assert(
      fc.property(planArbitrary, ({ header: claimed, hostBytes, device, extraBuffers, ...wished }) => {
        const wish = { ...wished, batchTokens: 512, outputRows: 128, besideBytes: 0, prefixBytes: gibibyte };
        try {
          const plan = planLoad(claimed, wish, { hostBytes, device, extraBuffers, loaded: [] });
          plannedCount += 1;
          expect(numbersIn(plan).filter((number) => !Number.isFinite(number) || number < 0)).toEqual([]);
          expect(Number.isInteger(plan.contextTokens)).toBe(true);
          expect(plan.placement.layers).toBeLessThanOrEqual(1025);
        } catch (thrown) {
          if (!(thrown instanceof CodedError)) throw thrown;
          expect(['model.unreadable', 'model.unsupported', 'memory.insufficient']).toContain(thrown.code);
        }
      }),
      { numRuns: 2000 },
    );
    // A property of refusals alone would prove nothing.
    expect(plannedCount).toBeGreaterThan(50);
  });
});
