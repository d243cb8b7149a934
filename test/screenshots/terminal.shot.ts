import path from 'node:path';
import { expect, it } from 'vitest';
import { EditorSession, packageVsix } from '../e2e/editorSession.ts';
import { checkout } from '../support/machine/manifest.ts';
import { pictureSettings } from './pictureSettings.ts';

/** Two answers of a model on two busy cores, and the build before them. */
const demo = { timeout: 280_000, interval: 500 };

it('shows npm start in a terminal', async () => {
  await using session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: {
      ...pictureSettings,
      'terminal.integrated.cwd': checkout,
      // Rows are text then, which is waited for below.
      'terminal.integrated.gpuAcceleration': 'off',
      'terminal.integrated.shellIntegration.enabled': false,
    },
  });
  const { workbench } = session;
  const { page } = workbench;
  await page.setViewportSize({ width: 1180, height: 760 });
  // A picture may take its time.
  workbench.page.setDefaultTimeout(240_000);
  await workbench.statusSays(/^\s*qwen2\.5-coder-0\.5b/);
  await workbench.runCommand('View: Close Primary Side Bar');
  await workbench.runCommand('Terminal: Create New Terminal in Editor Area');
  const screen = page.locator('.terminal-editor .xterm-screen');
  await screen.waitFor();
  // The store of this machine. Nothing of the shell is in the picture, and no prompt comes after it.
  await page.keyboard.type('unset ENTROPANE_HOME; clear; npm start; read\n');
  await expect.poll(() => screen.locator('.xterm-rows').innerText(), demo).toMatch(/^view:/m);
  await page.mouse.move(5, 5);
  await screen.screenshot({ path: path.join(checkout, 'media/screenshots/terminal.png') });
});
