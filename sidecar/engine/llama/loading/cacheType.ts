import type { CacheType } from '../../engine.ts';

/** Every type, the most exact first. */
export const cacheTypes = ['f16', 'q8_0', 'q4_0'] as const satisfies readonly CacheType[];

interface CacheFormat {
  /** `enum ggml_type`. */
  readonly ggmlType: number;
  /** Bytes of one key or value element. */
  readonly elementBytes: number;
}

/** What each type is to ggml, and what an element of it takes. */
export const cacheFormats: Readonly<Record<CacheType, CacheFormat>> = {
  f16: { ggmlType: 1, elementBytes: 2 },
  q8_0: { ggmlType: 8, elementBytes: 34 / 32 },
  q4_0: { ggmlType: 2, elementBytes: 18 / 32 },
};
