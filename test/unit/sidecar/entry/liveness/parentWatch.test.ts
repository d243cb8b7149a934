import { describe, expect, it } from 'vitest';
import { isParentGone, type ParentSigns } from '../../../../../sidecar/entry/liveness/parentWatch.ts';

/** A child of 100 that sees the processes of `alive`. */
function signs({
  alive,
  ...changes
}: Partial<ParentSigns> & { readonly alive: readonly number[] }): ParentSigns {
  return {
    firstParentId: 100,
    parentId: 100,
    clientId: null,
    isAlive: (processId) => alive.includes(processId),
    ...changes,
  };
}

describe('isParentGone', () => {
  it.each([
    ['the parent lives', signs({ alive: [100] }), false],
    ['the process has another parent', signs({ alive: [1, 100], parentId: 1 }), true],
    ['the parent ended, and the system does not say so (Windows)', signs({ alive: [] }), true],
    ['the parent is the client and lives', signs({ alive: [100], clientId: 100 }), false],
    [
      'the client was the parent, and its number was given away',
      signs({ alive: [1, 100], parentId: 1, clientId: 100 }),
      true,
    ],
    [
      'a launcher in between has ended, the client lives',
      signs({ alive: [1, 50], parentId: 1, clientId: 50 }),
      false,
    ],
    ['the client has ended, a launcher lives', signs({ alive: [100], clientId: 50 }), true],
  ])('%s', (_what, seen, isGone) => {
    expect(isParentGone(seen)).toBe(isGone);
  });
});
