import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type PanelOptions, PanelPage, PanelServer } from './panelPage.ts';
import { launchBrowser } from './testBrowser.ts';

/**
 * Gives a test file its panels: one browser and one server for all of them. Whatever a panel's page complains about
 * fails the test that opened it, unless the test has taken it.
 */
export function usePanels(): (options?: PanelOptions) => Promise<PanelPage> {
  let browser: Browser;
  let server: PanelServer;
  let opened: PanelPage[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await PanelServer.start();
  });
  afterEach(async () => {
    const panels = opened;
    opened = [];
    const problems = panels.flatMap((panel) => panel.takeProblems());
    await Promise.all(panels.map((panel) => panel.close()));
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });
  return async (options = {}) => {
    const panel = await PanelPage.open(browser, server, options);
    opened.push(panel);
    return panel;
  };
}
