import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  infillProgram,
  type InfillTask,
  readInfillTasks,
} from '../../../../../lab/bench/tasks/infillTask.ts';
import { runPython } from '../../../../../lab/bench/tasks/runPython.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const task: InfillTask = {
  id: 'double',
  prefix: 'def double(x):\n',
  suffix: '    return y\n',
  middle: '    y = 2 * x\n',
  entryPoint: 'double',
  test: 'def check(candidate):\n    assert candidate(4) == 8\n',
};

describe('a fill-in-the-middle task', () => {
  it('passes with the line that was taken out, and fails with a wrong or broken one', async () => {
    const outcomes = ['    y = 2 * x', '    y = x', '    y = ('].map((line) =>
      runPython(infillProgram(task, line), 10_000, never),
    );
    expect(await Promise.all(outcomes)).toEqual(['passed', 'failed', 'failed']);
  });

  it('is stopped when its line never ends', async () => {
    expect(await runPython(infillProgram(task, '    while True: pass'), 300, never)).toBe('timedOut');
  });

  it('ends with the whole run', async () => {
    const stop = new AbortController();
    const running = runPython('while True: pass', 60_000, stop.signal);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is read from a file of one object a line', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'tasks.jsonl');
    await writeFile(file, `${JSON.stringify(task)}\n\n${JSON.stringify({ ...task, id: 'again' })}\n`);
    expect((await readInfillTasks(file)).map(({ id }) => id)).toEqual(['double', 'again']);
  });

  it.each([
    ['is empty', ''],
    ['lacks a member', JSON.stringify({ ...task, test: undefined })],
    ['is no JSON', 'def double(x):'],
  ])('is refused from a file that %s', async (_, contents) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'tasks.jsonl');
    await writeFile(file, contents);
    await expect(readInfillTasks(file)).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});

describe('a program under test', () => {
  it.each([0, 127])('that ends itself with %i has not come to its end', async (code) => {
    expect(await runPython(`import os\nos._exit(${code})`, 10_000, never)).toBe('failed');
  });

  it('is told nothing of the environment, and has the mark by which it is found', async () => {
    vi.stubEnv('ENTROPANE_TEST_SECRET', 'secret');
    const program = [
      'import os',
      "assert 'ENTROPANE_TEST_SECRET' not in os.environ",
      "assert os.environ['ENTROPANE_VERIFICATION'] != ''",
    ].join('\n');
    try {
      expect(await runPython(program, 10_000, never)).toBe('passed');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
