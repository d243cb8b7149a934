import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunkTokens,
  planRound,
  reproducibleChunkTokens,
  type RoundWork,
} from '../../../../../../sidecar/engine/llama/decoding/batchPlanner.ts';

const limits = {
  batchTokens: 512,
  outputRows: 64,
  prefillTokens: 256,
  prefillTokensBesideDecode: 32,
  isPromptsTurn: false,
};

function work(
  id: number,
  kind: RoundWork['kind'],
  tokens: number,
  options: Partial<RoundWork> = {},
): RoundWork {
  return {
    id,
    kind,
    tokens,
    doneTokens: 0,
    mostTokens: limits.batchTokens,
    callTokens: null,
    wantsStates: false,
    priority: 'interactive',
    isReproducible: false,
    since: id,
    servedRound: 0,
    ...options,
  };
}

describe('planRound', () => {
  it('decodes every generating sequence in the same call', () => {
    expect(planRound([work(1, 'decode', 1), work(2, 'decode', 4), work(3, 'decode', 1)], limits)).toEqual([
      { id: 1, tokens: 1 },
      { id: 2, tokens: 4 },
      { id: 3, tokens: 1 },
    ]);
  });

  it('prefills in long chunks alone and in short ones beside a generating sequence', () => {
    expect(planRound([work(1, 'prefill', 900)], limits)).toEqual([{ id: 1, tokens: 256 }]);
    expect(planRound([work(1, 'prefill', 900), work(2, 'decode', 1)], limits)).toEqual([
      { id: 2, tokens: 1 },
      { id: 1, tokens: 32 },
    ]);
  });

  it('lets prompts and sequences whose states are read take turns, in chunks as short as beside them', () => {
    const works = [
      work(1, 'prefill', 900),
      work(2, 'decode', 1, { wantsStates: true }),
      work(3, 'decode', 1),
    ];
    expect(planRound(works, limits)).toEqual([
      { id: 2, tokens: 1 },
      { id: 3, tokens: 1 },
    ]);
    expect(planRound(works, { ...limits, isPromptsTurn: true })).toEqual([
      { id: 3, tokens: 1 },
      { id: 1, tokens: 32 },
    ]);
    // Neither waits where the other has nothing to do.
    const [prompt, stated] = works;
    expect(prompt && planRound([prompt], limits)).toEqual([{ id: 1, tokens: 256 }]);
    expect(stated && planRound([stated], { ...limits, isPromptsTurn: true })).toEqual([{ id: 2, tokens: 1 }]);
  });

  it('lengthens the chunks of an interactive prompt by as much as it has kept, and of no other', () => {
    const halfDone = { doneTokens: 400 };
    expect(planRound([work(1, 'prefill', 900, halfDone)], limits)).toEqual([{ id: 1, tokens: 400 }]);
    expect(planRound([work(1, 'prefill', 900, { doneTokens: 5000 })], limits)).toEqual([
      { id: 1, tokens: limits.batchTokens },
    ]);
    const background = work(1, 'prefill', 900, { ...halfDone, priority: 'background' });
    expect(planRound([background], limits)).toEqual([{ id: 1, tokens: 256 }]);
    expect(planRound([work(1, 'prefill', 900, halfDone), work(2, 'decode', 1)], limits)).toEqual([
      { id: 2, tokens: 1 },
      { id: 1, tokens: 32 },
    ]);
  });

  it('takes a whole call of prompts that give way, and not beside one that does not or a generating sequence', () => {
    const patient = { priority: 'background', callTokens: limits.batchTokens } as const;
    const works = [work(1, 'prefill', 300, patient), work(2, 'prefill', 900, patient)];
    expect(planRound(works, limits)).toEqual([
      { id: 1, tokens: 300 },
      { id: 2, tokens: 212 },
    ]);
    const fixed = work(0, 'prefill', 900, { ...patient, callTokens: null });
    expect(planRound([fixed, ...works], limits)).toEqual([{ id: 0, tokens: limits.prefillTokens }]);
    const interrupted = work(0, 'prefill', 900, { ...patient, callTokens: 128 });
    expect(planRound([interrupted, ...works], limits)).toEqual([{ id: 0, tokens: 128 }]);
    expect(planRound([work(3, 'decode', 1, { priority: 'background' }), ...works], limits)).toEqual([
      { id: 3, tokens: 1 },
      { id: 1, tokens: 32 },
    ]);
  });

  it('takes no more of a prompt than it may in one call, and the next one beside it', () => {
    const patient = { priority: 'background', callTokens: limits.batchTokens } as const;
    const works = [work(1, 'prefill', 900, { ...patient, mostTokens: 64 }), work(2, 'prefill', 100, patient)];
    expect(planRound(works, limits)).toEqual([
      { id: 1, tokens: 64 },
      { id: 2, tokens: 100 },
    ]);
  });

  it('takes a short rest along', () => {
    expect(planRound([work(1, 'prefill', 384)], limits)).toEqual([{ id: 1, tokens: 384 }]);
    expect(planRound([work(1, 'prefill', 385)], limits)).toEqual([{ id: 1, tokens: 256 }]);
  });

  it('lets the prompts share a chunk in order of arrival', () => {
    const works = [work(1, 'prefill', 600, { since: 8 }), work(2, 'prefill', 100, { since: 3 })];
    expect(planRound(works, limits)).toEqual([
      { id: 2, tokens: 100 },
      { id: 1, tokens: 156 },
    ]);
  });

  it('lets background work wait while there is interactive work', () => {
    const background = { priority: 'background' } as const;
    const works = [
      work(1, 'decode', 1, background),
      work(2, 'prefill', 10),
      work(3, 'prefill', 10, background),
    ];
    expect(planRound(works, limits)).toEqual([{ id: 2, tokens: 10 }]);
    expect(planRound([work(1, 'decode', 1, background)], limits)).toEqual([{ id: 1, tokens: 1 }]);
  });

  it('gives a reproducible prompt the same chunk, whatever a round may take and whoever comes along', () => {
    const prompt = work(1, 'prefill', 900, { isReproducible: true });
    const chunk = { id: 1, tokens: reproducibleChunkTokens };
    expect(planRound([prompt], limits)).toEqual([chunk]);
    expect(planRound([prompt], { ...limits, prefillTokens: 16 })).toEqual([chunk]);
    const beside = [work(2, 'decode', 1), work(3, 'prefill', 5, { isReproducible: true })];
    expect(planRound([prompt, ...beside], limits)).toEqual([{ id: 2, tokens: 1 }, chunk]);
    const roomy = { ...limits, prefillTokensBesideDecode: 80 };
    expect(planRound([prompt, ...beside], roomy)).toEqual([
      { id: 2, tokens: 1 },
      chunk,
      { id: 3, tokens: 5 },
    ]);
  });

  it('never cuts a reproducible chunk', () => {
    const prompts = Array.from({ length: 12 }, (_, id) =>
      work(id, 'prefill', id === 0 ? 5 : 900, { isReproducible: true }),
    );
    const [cue, ...chunks] = planRound(prompts, limits);
    expect(cue).toEqual({ id: 0, tokens: 5 });
    expect(chunks.map(({ tokens }) => tokens)).toEqual(Array(7).fill(reproducibleChunkTokens));
  });

  it('lets a stream wait for one chunk, however many prompts come in and of whatever kind', () => {
    const anyPrompts = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1 }),
        tokens: fc.integer({ min: 1, max: 5000 }),
        isReproducible: fc.boolean(),
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 100 },
    );
    fc.assert(
      fc.property(anyPrompts, fc.integer({ min: 16, max: 128 }), (prompts, prefillTokensBesideDecode) => {
        const works = [
          work(0, 'decode', 1),
          ...prompts.map(({ id, tokens, isReproducible }) => work(id, 'prefill', tokens, { isReproducible })),
        ];
        const shares = planRound(works, { ...limits, prefillTokensBesideDecode });
        const promptTokens = shares.reduce((sum, { id, tokens }) => sum + (id === 0 ? 0 : tokens), 0);
        expect(promptTokens).toBeGreaterThan(0);
        expect(promptTokens).toBeLessThanOrEqual(
          Math.max(prefillTokensBesideDecode, reproducibleChunkTokens),
        );
      }),
    );
  });

  it('serves more generating sequences than a call has rows for in turn', () => {
    const served = new Map(Array.from({ length: 150 }, (_, id) => [id, 0]));
    const counts = new Map<number, number>();
    for (let round = 1; round <= 30; round++) {
      const works = [...served].map(([id, servedRound]) => work(id, 'decode', 1, { since: 0, servedRound }));
      for (const { id } of planRound(works, limits)) {
        served.set(id, round);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    // 150 sequences and 64 rows: nobody waits for more than every third round.
    expect(counts.size).toBe(150);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(10);
  });

  it('never passes a limit and never idles', () => {
    const anyWork = fc.record({
      id: fc.integer(),
      kind: fc.constantFrom('decode' as const, 'prefill' as const),
      priority: fc.constantFrom('interactive' as const, 'background' as const),
      tokens: fc.integer({ min: 1, max: 40 }),
      isReproducible: fc.boolean(),
      wantsStates: fc.boolean(),
      since: fc.integer(),
      servedRound: fc.nat(),
      doneTokens: fc.nat(2000),
      mostTokens: fc.integer({ min: 16, max: 512 }),
      callTokens: fc.option(fc.integer({ min: 16, max: 512 })),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anyWork, { selector: ({ id }) => id, minLength: 1, maxLength: 60 }),
        fc.boolean(),
        (works, isPromptsTurn) => {
          const shares = planRound(works, { ...limits, isPromptsTurn });
          const kindOf = new Map(works.map(({ id, kind }) => [id, kind]));
          const decoded = shares.filter(({ id }) => kindOf.get(id) === 'decode');
          expect(shares.length).toBeGreaterThan(0);
          expect(shares.every(({ tokens }) => tokens > 0)).toBe(true);
          expect(shares.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(limits.batchTokens);
          expect(decoded.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(limits.outputRows);
        },
      ),
    );
  });
});

describe('chunkTokens', () => {
  it('takes about the target time, in whole tiles and within the limits', () => {
    expect(chunkTokens(4, 400, 512)).toBe(96);
    expect(chunkTokens(0.1, 400, 512)).toBe(512);
    expect(chunkTokens(50, 400, 512)).toBe(16);
  });
});
