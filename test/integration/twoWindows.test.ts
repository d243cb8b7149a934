import { expect, test } from 'vitest';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const settings = { model: 'smollm2-135m', contextTokens: 512 };

test('the second process that loads a file says that it is in memory twice, before it loads it', async () => {
  await using first = await SidecarProcess.ready({ settings });
  await using second = await SidecarProcess.ready({ settings });
  const warning = new RegExp(`in memory more than once: .*\\b${first.child.pid ?? 0}\\b`, 'u');
  const health = second.healths.at(-1);
  expect(health?.state === 'ready' ? health.notes.filter((note) => warning.test(note)) : []).toHaveLength(1);
  expect(second.stderr.search(warning)).toBeGreaterThan(-1);
  expect(second.stderr.search(warning)).toBeLessThan(second.stderr.search(/loaded .*smollm/iu));
});
