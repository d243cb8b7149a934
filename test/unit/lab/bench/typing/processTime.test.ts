import { describe, expect, it } from 'vitest';
import { processSeconds, readProcessStat } from '../../../../../lab/bench/typing/processTime.ts';

describe('processor time of a process', () => {
  it('is that of user and kernel mode, whatever the program is called', () => {
    const rest = 'S 1 2 3 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 11 0 100 1000 200';
    expect(readProcessStat(`12 (node) ${rest}`)).toBe(300);
    expect(readProcessStat(`12 (a) (b c) ${rest}`)).toBe(300);
    expect(() => readProcessStat('12 (node) S')).toThrow(TypeError);
  });

  it.runIf(process.platform === 'linux')('grows while this process computes', async () => {
    const before = await processSeconds(process.pid);
    const { user } = process.cpuUsage();
    let sum = 0;
    for (let i = 0; process.cpuUsage().user - user < 60_000; i++) sum += Math.sqrt(i);
    expect(sum).toBeGreaterThan(0);
    expect((await processSeconds(process.pid)) - before).toBeGreaterThan(0.03);
  });

  it('of a process that is not there cannot be read', async () => {
    await expect(processSeconds(2 ** 30)).rejects.toMatchObject({ code: 'engine.failed' });
  });
});
