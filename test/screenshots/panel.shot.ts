import path from 'node:path';
import { expect, it } from 'vitest';
import { EditorSession, packageVsix } from '../e2e/editorSession.ts';
import { checkout } from '../support/machine/manifest.ts';

const question = 'Tom has 3 boxes with 12 pencils each. He gives 9 pencils away. How many pencils are left?';

it('shows the panel with a question that the default model has answered', async () => {
  await using session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: {
      'workbench.colorTheme': 'Default Dark Modern',
      'workbench.secondarySideBar.defaultVisibility': 'hidden',
      'entropane.model': 'qwen2.5-coder-0.5b',
      'entropane.strategy': 'selfConsistency',
      'entropane.candidates': 4,
    },
  });
  const { workbench } = session;
  // Wide enough for both columns, and nothing beside the panel.
  await workbench.page.setViewportSize({ width: 1440, height: 1160 });
  await workbench.statusSays(/^\s*qwen2\.5-coder-0\.5b/);
  await workbench.runCommand('View: Close Primary Side Bar');
  await workbench.ask(question);
  await workbench.panel.locator('.badge-good').waitFor({ timeout: 180_000 });
  expect(await workbench.panel.getByRole('group', { name: 'Ask again as' }).isVisible()).toBe(true);
  await workbench.page.mouse.move(700, 10);
  await workbench.page.screenshot({ path: path.join(checkout, 'media/screenshots/panel.png') });
  expect(workbench.policyViolations).toEqual([]);
});
