import { describe, expect, it } from 'vitest';
import { isParentGone, type ParentSigns } from '../../../../../sidecar/entry/liveness/parentWatch.ts';
import { processLife, startOf } from '../../../../../sidecar/process/processLife.ts';

const parent = { processId: 100, startedAt: '7' };
const client = { processId: 50, startedAt: '5' };

/** A child of 100 that sees the processes of `alive`. */
function signs({
  alive,
  ...changes
}: Partial<ParentSigns> & { readonly alive: readonly number[] }): ParentSigns {
  return {
    firstParent: parent,
    parentId: 100,
    client: null,
    isGone: ({ processId }) => !alive.includes(processId),
    ...changes,
  };
}

describe('isParentGone', () => {
  it.each([
    ['the parent lives', signs({ alive: [100] }), false],
    ['the process has another parent', signs({ alive: [1, 100], parentId: 1 }), true],
    ['the parent ended, and the system does not say so (Windows)', signs({ alive: [] }), true],
    ['the parent is the client and lives', signs({ alive: [100], client: parent }), false],
    ['both live', signs({ alive: [50, 100], client }), false],
    ['the parent has ended, the client lives', signs({ alive: [1, 50], parentId: 1, client }), true],
    ['the client has ended, the parent lives', signs({ alive: [100], client }), true],
  ])('%s', (_what, seen, isGone) => {
    expect(isParentGone(seen)).toBe(isGone);
  });
});

it.runIf(process.platform === 'linux')('a process with the number of one that ended is another', () => {
  const processId = process.pid;
  expect(processLife({ processId, startedAt: startOf(processId) })).toBe('running');
  expect(processLife({ processId, startedAt: '1' })).toBe('gone');
});
