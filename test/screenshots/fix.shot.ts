import path from 'node:path';
import { expect, it } from 'vitest';
import { EditorSession, packageVsix } from '../e2e/editorSession.ts';
import { EditWork } from '../e2e/editWork.ts';
import { checkout } from '../support/machine/manifest.ts';
import { pictureSettings } from './pictureSettings.ts';

const code = `def merge(intervals):
    merged = []
    for start, end in intervals:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    return merged
`;
const test = `import unittest
from spans import merge

class MergeTest(unittest.TestCase):
    def test_inside(self):
        self.assertEqual(merge([[1, 9], [2, 3], [8, 10]]), [[1, 10]])

    def test_unsorted(self):
        self.assertEqual(merge([[5, 6], [1, 2]]), [[1, 2], [5, 6]])
`;
/** The end of what the test command prints. */
const failure =
  'FAIL: test_unsorted AssertionError: Lists differ: [[5, 2]] != [[1, 2], [5, 6]] FAILED (failures=2)';

it('shows a fix that four programs race for, one of which passes the test', async () => {
  await using session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: {
      ...pictureSettings,
      // What makes programs race: all else is as it ships.
      'entropane.model': 'qwen2.5-coder-1.5b',
      'entropane.strategy': 'directBestOfN',
      'entropane.verifyCommand': 'python3 -m unittest -q',
    },
    files: { 'spans.py': code, 'test_merge.py': test },
  });
  const { workbench } = session;
  const { page, panel } = workbench;
  page.setDefaultTimeout(60_000);
  await page.setViewportSize({ width: 1280, height: 800 });
  await workbench.statusSays(/^\s*qwen2\.5-coder-1\.5b/);
  await workbench.runCommand('View: Close Primary Side Bar');
  const work = new EditWork(workbench);
  await work.open('test_merge.py', 8);
  await work.open('spans.py', 2);
  await workbench.runCommand('Entropane: Open Trace Panel');
  await work.document('spans.py').click();
  await workbench.runCommand('Entropane: Fix');
  await workbench.fillInput(failure);
  await work.offered('spans.py');
  const lanes = panel.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
  await lanes.nth(3).waitFor();
  const facts = await panel.getByRole('listbox', { name: 'Candidates' }).innerText();
  expect(facts).toMatch(/failed/);
  expect(facts).toMatch(/passed/);
  await lanes.nth(3).scrollIntoViewIfNeeded();
  await page.mouse.move(700, 5);
  await page.screenshot({ path: path.join(checkout, 'media/screenshots/fix.png') });
});
