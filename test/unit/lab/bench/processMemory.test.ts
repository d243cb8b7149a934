import { expect, it } from 'vitest';
import { processMemory, readProcessStatus } from '../../../../lab/bench/processMemory.ts';

it('reads what a process holds, apart by where it comes from', () => {
  const status = 'Name:\tnode\nRssAnon:\t    1000 kB\nRssFile:\t   2000 kB\nRssShmem:\t     500 kB\n';
  expect(readProcessStatus(status)).toEqual({ anonymousMb: 1.024, fileMb: 2.56 });
  expect(() => readProcessStatus('Name:\tnode\n')).toThrow(TypeError);
});

it('says so where it cannot look', async () => {
  await expect(processMemory(-1)).rejects.toMatchObject({ code: 'engine.failed' });
});
