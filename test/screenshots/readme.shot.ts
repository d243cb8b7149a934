import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EditorSession, packageVsix } from '../e2e/editorSession.ts';
import type { Workbench } from '../e2e/workbench.ts';
import { checkout } from '../support/machine/manifest.ts';
import { pictureSettings } from './pictureSettings.ts';

/** A model on two busy cores writes up to eight thoughts. */
const writingMs = 240_000;

const question = 'Tom has 3 boxes with 12 pencils each. He gives 9 pencils away. How many pencils are left?';

let session: EditorSession;
let workbench: Workbench;

beforeAll(async () => {
  // The colours are fixed. Settings of ours are as they ship.
  session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: {
      ...pictureSettings,
      // The longest line of the ghost text reaches into its place.
      'editor.minimap.enabled': false,
    },
  });
  workbench = session.workbench;
  // A picture may take its time.
  workbench.page.setDefaultTimeout(240_000);
  await workbench.statusSays(/^\s*qwen2\.5-coder-0\.5b/);
  await workbench.runCommand('View: Close Primary Side Bar');
});

afterAll(() => session[Symbol.asyncDispose]());

function pathOf(name: string): string {
  return path.join(checkout, 'media/screenshots', `${name}.png`);
}

it('shows ghost text at the cursor', async () => {
  await workbench.page.setViewportSize({ width: 1060, height: 660 });
  await workbench.openFile('src/orders.py', 23, 5);
  await workbench.page.keyboard.press('Alt+\\');
  await workbench.readGhostText();
  await workbench.page
    .locator('.editor-group-container')
    .first()
    .screenshot({ path: pathOf('ghostText') });
  await workbench.page.keyboard.press('Escape');
  await workbench.runCommand('View: Close All Editors');
});

it('shows the panel with a question that the default model has answered by a vote', async () => {
  // Wide enough for both columns, and nothing beside the panel.
  await workbench.page.setViewportSize({ width: 1440, height: 1240 });
  await workbench.ask(question);
  const { panel } = workbench;
  await panel.locator('.badge-good').waitFor({ timeout: writingMs });
  const again = panel.getByRole('group', { name: 'Ask again as' });
  await again.getByRole('button', { name: /^Hard/ }).click();
  const lanes = panel.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
  await lanes.nth(1).waitFor({ timeout: writingMs });
  await panel.locator('.badge-good').waitFor({ timeout: writingMs });
  await workbench.page.mouse.move(700, 10);
  await workbench.page.screenshot({ path: pathOf('panel') });
  expect(workbench.policyViolations).toEqual([]);
});
