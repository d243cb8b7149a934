import path from 'node:path';
import { expect, it } from 'vitest';
import { EditorSession, packageVsix } from '../e2e/editorSession.ts';
import { EditWork } from '../e2e/editWork.ts';
import { checkout } from '../support/machine/manifest.ts';
import { fixedFile, fixingModel, programCount, testCommand, testFailure, testFile } from './fixTask.ts';
import { pictureSettings } from './pictureSettings.ts';

/** A lane with fewer tokens has no program: the race was over as it began. */
const fewestTokens = 30;

it('shows a fix that four programs race for, one of which passes the test', async () => {
  await using session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: {
      ...pictureSettings,
      // What makes programs race: all else is as it ships.
      'entropane.model': fixingModel,
      'entropane.verifyCommand': testCommand,
    },
    files: { [fixedFile.name]: fixedFile.text, [testFile.name]: testFile.text },
  });
  const { workbench } = session;
  const { page, panel } = workbench;
  page.setDefaultTimeout(60_000);
  await page.setViewportSize({ width: 1280, height: 800 });
  await workbench.statusSays(/^\s*qwen2\.5-coder-1\.5b/);
  await workbench.runCommand('View: Close Primary Side Bar');
  const work = new EditWork(workbench);
  await work.open(fixedFile.name, 2);
  await workbench.runCommand('Entropane: Open Trace Panel');
  await work.document(fixedFile.name).click();
  // The test is below the function.
  await work.open(testFile.name, 8);
  await workbench.runCommand('View: Move Editor into Group Below');
  await work.document(fixedFile.name).click();
  await workbench.runCommand('Entropane: Fix');
  await workbench.fillInput(testFailure);
  await work.offered(fixedFile.name);
  const lanes = panel.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
  await lanes.nth(programCount - 1).waitFor();
  const facts = await panel.getByRole('listbox', { name: 'Candidates' }).innerText();
  expect(facts).toMatch(/failed/);
  expect(facts).toMatch(/passed/);
  const tokens = [...facts.matchAll(/(\d+) tok/g)].map(([, count]) => Number(count));
  expect(Math.min(...tokens)).toBeGreaterThanOrEqual(fewestTokens);
  await lanes.nth(programCount - 1).scrollIntoViewIfNeeded();
  await page.mouse.move(700, 5);
  await page.screenshot({ path: path.join(checkout, 'media/screenshots/fix.png') });
});
