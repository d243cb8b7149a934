import { describe, expect, it } from 'vitest';
import { CodedError, type ErrorCode } from '../../../../protocol/codedError.ts';
import type { DifficultyClass } from '../../../../protocol/traceEvent.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import type { ModelOwner } from '../../../../sidecar/modelHosting/modelOwner.ts';
import { ModelRouter } from '../../../../sidecar/modelHosting/modelRouter.ts';
import type { ModelLease } from '../../../../sidecar/modelHosting/modelSlot.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { defaultSettings } from '../../../../sidecar/validation/settings.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

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
  const router = new ModelRouter({ owner, settings, log: (line) => lines.push(line) });
  return { router, open, assigned, lines };
}

const finding = (classes: Readonly<Record<string, DifficultyClass>>) => (lease: ModelLease) => {
  const difficulty = classes[lease.model.info.identity.name];
  return Promise.resolve(difficulty === undefined ? null : { difficulty });
};

describe('a question is routed', () => {
  it.each([
    [{ small: 'easy', middle: 'easy' }, 'small', ['small']],
    [{ small: 'normal', middle: 'easy' }, 'small', ['small']],
    [{ small: 'hard', middle: 'normal' }, 'middle', ['small', 'middle']],
    [{ small: 'hard', middle: 'hard' }, 'default', ['small', 'middle']],
    [{}, 'default', ['small', 'middle']],
  ] as const)('by %o to %s, and no other model stays in use', async (classes, name, tried) => {
    const { router, open, assigned } = owning();
    const route = await router.route(['small', 'middle'], finding(classes), never);
    expect(route.lease.model.info.identity.name).toBe(name);
    expect(route.isDefault).toBe(name === 'default');
    expect([...open]).toEqual([route.lease]);
    // Neither drafts nor adapters of the default model go with them.
    expect(assigned).toEqual(tried);
  });

  it('past a model that has no room, and not past one that is missing', async () => {
    const crowded = owning({ small: 'memory.insufficient' });
    const route = await crowded.router.route(['small', 'middle'], finding({ middle: 'easy' }), never);
    expect(route.lease.model.info.identity.name).toBe('middle');
    expect(crowded.lines).toHaveLength(1);
    const missing = owning({ small: 'model.missing' });
    await expect(missing.router.route(['small'], finding({}), never)).rejects.toMatchObject({
      code: 'model.missing',
    });
  });

  it('and nothing stays in use where judging fails', async () => {
    const { router, open } = owning();
    const failing = () => Promise.reject(new CodedError('engine.failed', 'No.', 'Do.'));
    await expect(router.route(['small'], failing, never)).rejects.toMatchObject({ code: 'engine.failed' });
    expect(open.size).toBe(0);
  });

  it('past a model that could not judge it, without saying that it is too hard', async () => {
    const { router } = owning();
    expect(await router.route(['small'], finding({}), never)).toMatchObject({ why: null, isDefault: true });
    const { why } = await router.route(['small', 'middle'], finding({ middle: 'hard' }), never);
    expect(why).toContain('too hard for middle.');
  });

  it('to the default model without a word where there is nothing to choose among', async () => {
    const { router } = owning();
    expect(await router.route([], finding({}), never)).toMatchObject({ why: null, isDefault: true });
  });
});
