import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportHtml } from '../../sidecar/trace/htmlExport.ts';
import { watchProblems } from '../support/browser/panelPage.ts';
import { launchBrowser } from '../support/browser/testBrowser.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const assetsDir = fileURLToPath(new URL('../../dist/webview', import.meta.url));
const events = generatedTrace();
let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(path.join(os.tmpdir(), 'entropane-export-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function openExport(
  name: string,
  scheme: 'light' | 'dark',
): Promise<{
  readonly page: Page;
  readonly problems: readonly string[];
  readonly requests: readonly string[];
}> {
  const outputPath = path.join(folder, name);
  await exportHtml({ events, assetsDir, outputPath });
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1200, height: 1000 } });
  const problems = watchProblems(page);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(outputPath).href);
  await page.getByRole('region', { name: 'Answer' }).waitFor();
  return { page, problems, requests };
}

describe('an exported trace, opened from disk', () => {
  it('shows the answer and everything behind it, and asks no network for anything', async () => {
    const { page, problems, requests } = await openExport('trace one.html', 'light');
    const answer = page.getByRole('region', { name: 'Answer' });
    expect(await answer.locator('.answer-value').textContent()).toBe('18');
    expect(await answer.locator('.markdown strong').textContent()).toBe('$18');
    expect(await page.getByRole('listbox', { name: 'Candidates' }).getByRole('option').count()).toBe(4);
    await page.hover('[data-token="3"]');
    expect(await page.getByRole('tooltip').textContent()).toContain('token 4');
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('offers nothing that needs a running engine', async () => {
    const { page } = await openExport('quiet.html', 'light');
    for (const name of ['Answer now', 'Stop', 'Export', 'Ask', /^Hard/]) {
      expect(await page.getByRole('button', { name, exact: true }).count(), String(name)).toBe(0);
    }
    await page.close();
  });

  it('follows the reader’s light or dark scheme', async () => {
    const surfaces = [];
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await openExport(`${scheme}.html`, scheme);
      surfaces.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      await page.close();
    }
    expect(surfaces).toEqual(['rgb(255, 255, 255)', 'rgb(31, 31, 31)']);
  });

  it('plays again from the beginning', async () => {
    const { page, problems } = await openExport('again.html', 'dark');
    const slider = page.getByRole('slider', { name: 'Time in the trace' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.getByRole('region', { name: 'Answer' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Play' }).click();
    // The answer is there while it is written, and so before the end.
    await page.getByRole('region', { name: 'Answer' }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Answered' }).waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('the replay page without a trace', () => {
  async function openEmpty(): Promise<Page> {
    const page = await browser.newPage();
    const [script, style] = await Promise.all(
      ['replay.js', 'replay.css'].map((name) => readFile(path.join(assetsDir, name), 'utf8')),
    );
    await page.setContent(`<style>${style ?? ''}</style><div id="root"></div>`);
    await page.evaluate(script ?? '');
    return page;
  }
  const fileOf = (text: string) => ({
    name: 'some.jsonl',
    mimeType: 'application/jsonl',
    buffer: Buffer.from(text),
  });

  it('opens a trace file', async () => {
    const page = await openEmpty();
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await page.getByLabel('Choose a file').setInputFiles(fileOf(lines));
    await page.getByRole('region', { name: 'Answer' }).waitFor();
    await page.close();
  });

  it('says why it cannot open what is no trace', async () => {
    const page = await openEmpty();
    await page.getByLabel('Choose a file').setInputFiles(fileOf('{"hello": 1}\n'));
    expect(await page.getByRole('alert').textContent()).toContain('some.jsonl cannot be read');
    await page.close();
  });
});
