import { describe, expect, it } from 'vitest';
import { CodedError, type ErrorCode } from '../../../../protocol/codedError.ts';
import type { DifficultyClass, DifficultySource } from '../../../../protocol/traceEvent.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import type { ModelOwner } from '../../../../sidecar/modelHosting/modelOwner.ts';
import { ModelRouter, type RouteChoice } from '../../../../sidecar/modelHosting/modelRouter.ts';
import type { ModelLease } from '../../../../sidecar/modelHosting/modelSlot.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import type { StandIn } from '../../../../sidecar/request/standIn.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { withoutFallback } from '../../../support/sidecar/withoutFallback.ts';

const never = new AbortController().signal;

/** An owner that hands out scripted models, named as they are asked for. */
function owning(failures: Readonly<Record<string, ErrorCode>> = {}) {
  const open = new Set<ModelLease>();
  const assigned: string[] = [];
  const owner: Pick<ModelOwner, 'assign' | 'acquire'> = {
    assign: (_role, settings) => {
      assigned.push(
        `${settings?.model ?? '-'} ${settings?.draftModel ?? ''}${settings?.adapter ?? ''}`.trim(),
      );
    },
    acquire: async (_signal, role?: string) => {
      const name = (role ?? 'default').replace('path:', '');
      const code = failures[name];
      if (code !== undefined) throw new CodedError(code, 'No.', 'Do.');
      const identity = { name, hash: '0', hashKind: 'sha256' } as const;
      const lease: ModelLease = {
        model: await scriptedModel(scriptBySequence([]), { info: { identity } }),
        estimator: entropyRule(uncalibratedThresholds),
        notes: [],
        release: () => open.delete(lease),
      };
      open.add(lease);
      return lease;
    },
  };
  const settings = () => ({ ...defaultSettings, model: 'large', draftModel: 'drafter', adapter: 'a.gguf' });
  const lines: string[] = [];
  const router = new ModelRouter({ ...withoutFallback(owner), settings, log: (line) => lines.push(line) });
  return { router, open, assigned, lines };
}

/** What a route is decided by; nothing was measured unless it says so. */
function choosing(options: Partial<RouteChoice> = {}): RouteChoice {
  return {
    called: null,
    standIns: () => Promise.resolve([]),
    hashOf: (model) => Promise.resolve(model),
    judge: () => Promise.reject(new Error('Nobody was to be judged.')),
    ...options,
  };
}

/** Models that were measured to be enough for what is easy for them. */
const measured =
  (...models: readonly string[]) =>
  (): Promise<readonly StandIn[]> =>
    Promise.resolve(
      models.map((model) => ({ model, role: 'route', judge: 'probe', difficulty: 'easy' }) as const),
    );

const finding =
  (classes: Readonly<Record<string, DifficultyClass>>, source: DifficultySource = 'probe') =>
  (lease: ModelLease) => {
    const difficulty = classes[lease.model.info.identity.name];
    return Promise.resolve(difficulty === undefined ? null : { difficulty, source });
  };

const both = measured('small', 'middle');

describe('a question that is judged', () => {
  it.each([
    [{ small: 'easy', middle: 'easy' }, 'small', ['small']],
    [{ small: 'normal', middle: 'easy' }, 'middle', ['small', 'middle']],
    [{ small: 'hard', middle: 'normal' }, 'default', ['small', 'middle']],
    [{}, 'default', ['small', 'middle']],
  ] as const)(
    'by %o goes to %s where that was measured, and no other stays in use',
    async (classes, name, tried) => {
      const { router, open, assigned } = owning();
      const choice = choosing({ standIns: both, judge: finding(classes) });
      const route = await router.route(['small', 'middle'], choice, never);
      expect(route.lease.model.info.identity.name).toBe(name);
      expect(route.isDefault).toBe(name === 'default');
      expect([...open]).toEqual([route.lease]);
      // Neither drafts nor adapters of the default model go with them.
      expect(assigned).toEqual(tried);
    },
  );

  it('loads and judges no model that was not measured, and says so', async () => {
    const { router, assigned } = owning();
    const none = await router.route(['small', 'middle'], choosing(), never);
    expect(none).toMatchObject({ isDefault: true, why: expect.stringContaining('No measurement') as string });
    expect(assigned).toEqual([]);
    const choice = choosing({ standIns: measured('middle'), judge: finding({ middle: 'easy' }) });
    const one = await router.route(['small', 'middle'], choice, never);
    expect(one.lease.model.info.identity.name).toBe('middle');
    expect(assigned).toEqual(['middle']);
  });

  it('by another judge than the one that was measured goes to the default model', async () => {
    const { router } = owning();
    const choice = choosing({ standIns: both, judge: finding({ small: 'easy' }, 'entropyRule') });
    expect((await router.route(['small'], choice, never)).isDefault).toBe(true);
  });

  it('goes past a model whose server is away', async () => {
    const { router, lines } = owning({ small: 'server.unreachable' });
    const choice = choosing({ standIns: both, judge: finding({ middle: 'easy' }) });
    const route = await router.route(['small', 'middle'], choice, never);
    expect(route.lease.model.info.identity.name).toBe('middle');
    expect(lines).toHaveLength(1);
  });

  it('goes past a model that has no room, and not past one that is missing', async () => {
    const crowded = owning({ small: 'memory.insufficient' });
    const choice = choosing({ standIns: both, judge: finding({ middle: 'easy' }) });
    const route = await crowded.router.route(['small', 'middle'], choice, never);
    expect(route.lease.model.info.identity.name).toBe('middle');
    expect(crowded.lines).toHaveLength(1);
    const hashOf = () => Promise.reject(new CodedError('model.missing', 'No.', 'Do.'));
    await expect(owning().router.route(['small'], choosing({ hashOf }), never)).rejects.toMatchObject({
      code: 'model.missing',
    });
  });

  it('leaves nothing in use where judging fails', async () => {
    const { router, open } = owning();
    const judge = () => Promise.reject(new CodedError('engine.failed', 'No.', 'Do.'));
    const route = router.route(['small'], choosing({ standIns: both, judge }), never);
    await expect(route).rejects.toMatchObject({ code: 'engine.failed' });
    expect(open.size).toBe(0);
  });

  it('is called too hard only for a model that could judge it', async () => {
    const { router } = owning();
    const choice = choosing({ standIns: both, judge: finding({ middle: 'hard' }) });
    const { why } = await router.route(['small', 'middle'], choice, never);
    expect(why).toContain('too hard for middle.');
  });
});

describe('a question that the user calls', () => {
  it('easy goes to the first model that has room, whatever was measured', async () => {
    const { router } = owning();
    const route = await router.route(['small', 'middle'], choosing({ called: 'easy' }), never);
    expect(route.lease.model.info.identity.name).toBe('small');
    expect(route.why).toContain('You called it easy');
    const crowded = owning({ small: 'memory.insufficient' });
    const next = await crowded.router.route(['small', 'middle'], choosing({ called: 'easy' }), never);
    expect(next.lease.model.info.identity.name).toBe('middle');
  });

  it.each(['normal', 'hard'] as const)('%s goes to the default model', async (called) => {
    const { router, assigned } = owning();
    const route = await router.route(['small'], choosing({ called, standIns: both }), never);
    expect(route).toMatchObject({ isDefault: true, why: expect.stringContaining(called) as string });
    expect(assigned).toEqual([]);
  });
});

it('without a route a question goes to the default model, and nothing is said', async () => {
  const { router } = owning();
  expect(await router.route([], choosing({ called: 'easy' }), never)).toMatchObject({
    why: null,
    isDefault: true,
  });
});
