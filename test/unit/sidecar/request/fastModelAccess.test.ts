import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { cancelled } from '../../../../sidecar/engine/cancelled.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import { type Script, scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import {
  type AutoTable,
  defaultProfiles,
  shippedTable,
} from '../../../../sidecar/reasoning/difficulty/autoTable.ts';
import type { StandInRole } from '../../../../sidecar/request/standIn.ts';
import type { FastModelAccess } from '../../../../sidecar/request/fastModelAccess.ts';
import { runScripted, scriptedModel, type ScriptedOutcome } from '../../../support/engine/scriptedRequest.ts';

/** A sure probe prefix, which the rule takes for easy, and what the whole model would go on with. */
const sure: Script = scriptBySequence([
  ['Three cats have', ' twelve legs says the whole model.'].map((text) =>
    text.split(/(?= )/u).map((word) => ({ text: word, entropyNats: 0.01 })),
  ),
]);
const unsure: Script = scriptBySequence([
  [
    'Well I wonder'.split(/(?= )/u).map((word) => ({ text: word, entropyNats: 4 })),
    ' what the whole model says.',
  ],
]);
const quality = { perplexityRatio: 1.1, greedyAgreement: 0.9, decodeSpeedRatio: 1.2 };

/** What scripted models are known by. */
const zeroHash = '0'.repeat(64);

/** A table in which easy questions were measured to be answered as well by a model with this hash. */
function measuredFor(role: StandInRole, model: string): AutoTable {
  const standIns = [{ model, role, judge: 'entropyRule', difficulty: 'easy' }] as const;
  return { version: 1, models: { [zeroHash]: { profiles: defaultProfiles, standIns } } };
}

/** A fast model that plays a script, and what was asked of it. */
async function fastModel(script: Script, options: { readonly contextTokens?: number } = {}) {
  const model = await scriptedModel(script, options);
  const calls: string[] = [];
  const access: FastModelAccess = {
    acquire: (whole: Model) => {
      calls.push(`acquire beside ${whole.info.identity.name}`);
      return Promise.resolve({ model, quality, release: () => calls.push('release') });
    },
  };
  return { access, calls };
}

const switches = ({ events }: ScriptedOutcome): readonly TraceEvent[] =>
  events.filter(({ type }) => type === 'model/switched');

const direct = { strategy: 'auto', attachment: { languageId: 'python', path: 'a.py', text: 'x' } } as const;

describe('an easy question', () => {
  test('that was called easy is answered by the fast model, and the log says so', async () => {
    const { access, calls } = await fastModel(scriptBySequence([['The fast model says twelve.']]));
    const outcome = await runScripted(sure, {
      request: { ...direct, difficulty: 'easy' },
      dependencies: { fast: access },
    });
    expect(switches(outcome)).toMatchObject([{ quality }]);
    expect(outcome.result?.text).toBe('The fast model says twelve.');
    expect(outcome.result?.writtenBy).toBe(outcome.state.switched?.model.name);
    expect(calls).toEqual([expect.stringContaining('acquire'), 'release']);
  });

  test('that was judged to be easy goes to the fast model by a measured row alone, with its probe prefix', async () => {
    let read = '';
    // The same model under both names, since scripted ones number their tokens each in its own way.
    const access: FastModelAccess = {
      acquire: (whole) => Promise.resolve({ model: whole, quality: null, release: () => undefined }),
    };
    const opened = await runScripted(
      ({ sequence, text }) => {
        if (sequence === 0)
          return Array.from({ length: 40 }, (_, n) => ({ text: ` word${n}`, entropyNats: 0.01 }));
        read = text;
        return ' twelve legs.\nFinal answer: 12';
      },
      {
        request: { strategy: 'auto', maxThoughtTokens: 200 },
        dependencies: { fast: access, tables: [measuredFor('fastModel', zeroHash), shippedTable] },
      },
    );
    expect(opened.state.difficulty?.difficulty).toBe('easy');
    expect(switches(opened)).toHaveLength(1);
    const probePrefix = opened.events.flatMap((event) =>
      event.type === 'tokens/appended' && event.seq < (switches(opened)[0]?.seq ?? 0)
        ? event.tokens.texts
        : [],
    );
    expect(probePrefix.length).toBeGreaterThan(0);
    expect(read).toContain(probePrefix.join(''));
    expect(opened.result?.text).toContain(`${probePrefix.join('')} twelve legs.`);
  });

  test('is answered by the whole model where the fast one cannot be had', async () => {
    const outcome = await runScripted(sure, {
      request: { ...direct, difficulty: 'easy' },
      dependencies: { fast: { acquire: () => Promise.resolve(null) } },
    });
    expect(switches(outcome)).toEqual([]);
    expect(outcome.result?.writtenBy).toBeNull();
    expect(outcome.result?.reason).toBe('answered');
  });

  test('does not wait for the fast one beyond its time', async () => {
    const access: FastModelAccess = {
      acquire: (_whole, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(cancelled());
          });
        }),
    };
    const outcome = await runScripted(sure, {
      request: { ...direct, difficulty: 'easy', budget: { durationMs: 50 } },
      dependencies: { fast: access, clock: systemClock },
    });
    expect(switches(outcome)).toEqual([]);
    expect(outcome.result?.reason).toBe('budgetExhausted');
  });

  test('goes on with the whole model where the prompt does not fit the fast one', async () => {
    const { access, calls } = await fastModel(scriptBySequence([['no']]), { contextTokens: 4 });
    const outcome = await runScripted(sure, {
      request: { ...direct, difficulty: 'easy' },
      dependencies: { fast: access },
    });
    expect(switches(outcome)).toEqual([]);
    expect(outcome.result?.reason).toBe('answered');
    expect(calls.at(-1)).toBe('release');
  });
});

describe('any other question', () => {
  test.each([
    ['nothing was measured', []],
    ['another model was measured', [measuredFor('fastModel', 'another')]],
    ['routing was measured', [measuredFor('route', zeroHash)]],
  ] as const)('that is judged to be easy is answered by the whole model where %s', async (_name, tables) => {
    const { access } = await fastModel(sure);
    const outcome = await runScripted(sure, {
      request: { strategy: 'auto' },
      dependencies: { fast: access, tables: [...tables, shippedTable] },
    });
    expect(outcome.state.difficulty?.difficulty).toBe('easy');
    expect(switches(outcome)).toEqual([]);
  });

  test('about code that is judged to be easy is answered by the whole model', async () => {
    const { access, calls } = await fastModel(sure);
    const outcome = await runScripted(sure, { request: direct, dependencies: { fast: access } });
    expect(outcome.state.difficulty?.difficulty).toBe('easy');
    expect(calls).toEqual([]);
  });

  test.each(['normal', 'hard'] as const)('that is %s never reaches the fast model', async (difficulty) => {
    const { access, calls } = await fastModel(sure);
    const outcome = await runScripted(unsure, {
      request: { ...direct, difficulty },
      dependencies: { fast: access },
    });
    expect(calls).toEqual([]);
    expect(switches(outcome)).toEqual([]);
  });

  test.each(['direct', 'chainOfThought', 'selfConsistency'] as const)(
    'whose difficulty nobody asked for (%s) never reaches it either',
    async (strategy) => {
      const { access, calls } = await fastModel(sure);
      await runScripted(sure, { request: { strategy, candidateCount: 2 }, dependencies: { fast: access } });
      expect(calls).toEqual([]);
    },
  );
});
