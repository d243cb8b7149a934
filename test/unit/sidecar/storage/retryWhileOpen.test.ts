import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { moveFile, moveFileBlocking } from '../../../../sidecar/storage/moveFile.ts';
import { retryWhileOpen, retryWhileOpenBlocking } from '../../../../sidecar/storage/retryWhileOpen.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Work that the system refuses so many times, with what was waited in between. */
function refused(times: number, code: string, platform: NodeJS.Platform) {
  let tries = 0;
  const waits: number[] = [];
  const work = (): string => {
    tries += 1;
    if (tries <= times) throw systemError(code);
    return 'done';
  };
  const pause = (durationMs: number): void => void waits.push(durationMs);
  const run = async (kind: 'async' | 'blocking'): Promise<string> => {
    if (kind === 'blocking') {
      retryWhileOpenBlocking(() => void work(), { platform, pause });
      return 'done';
    }
    return retryWhileOpen(() => Promise.resolve().then(work), {
      platform,
      pause: (durationMs) => {
        pause(durationMs);
        return Promise.resolve();
      },
    });
  };
  return { run, waits, tries: () => tries };
}

describe.each(['async', 'blocking'] as const)('an %s call on a file that others have open', (kind) => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])(
    'is tried again on Windows after %s, until it succeeds',
    async (code) => {
      const work = refused(3, code, 'win32');
      expect(await work.run(kind)).toBe('done');
      expect(work.tries()).toBe(4);
      expect(work.waits).toEqual([10, 20, 40]);
    },
  );

  it('is given up on Windows after 1.3 s, with the error of the system', async () => {
    const work = refused(Infinity, 'EBUSY', 'win32');
    await expect(work.run(kind)).rejects.toMatchObject({ code: 'EBUSY' });
    expect(work.tries()).toBe(8);
    expect(work.waits.reduce((sum, each) => sum + each, 0)).toBe(1270);
  });

  it.each([
    ['linux', 'EPERM'],
    ['darwin', 'EBUSY'],
    ['win32', 'ENOSPC'],
  ] as const)('fails at once on %s with %s, which waiting does not mend', async (platform, code) => {
    const work = refused(1, code, platform);
    await expect(work.run(kind)).rejects.toMatchObject({ code });
    expect(work.waits).toEqual([]);
  });
});

test('a moved file takes the place of another in one step', async () => {
  await using folder = await temporaryFolder();
  const at = (name: string): string => path.join(folder.path, name);
  await writeFile(at('a'), 'old');
  await writeFile(at('b'), 'new');
  await moveFile(at('b'), at('a'));
  expect(await readFile(at('a'), 'utf8')).toBe('new');
  await writeFile(at('c'), 'newest');
  moveFileBlocking(at('c'), at('a'));
  expect(await readFile(at('a'), 'utf8')).toBe('newest');
  expect(await readdir(folder.path)).toEqual(['a']);
  await expect(moveFile(at('none'), at('a'))).rejects.toMatchObject({ code: 'ENOENT' });
});
