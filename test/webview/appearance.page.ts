import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entropyLevelCount } from '../../webview-ui/charts/entropyScale.ts';
import { contrastRatio } from '../support/contrastRatio.ts';
import { generatedTrace } from '../support/generatedTrace.ts';
import { launchBrowser, PanelPage, PanelServer, type ThemeName } from '../support/panelPage.ts';

const themes: readonly ThemeName[] = [
  'vscode-dark',
  'vscode-light',
  'vscode-high-contrast',
  'vscode-high-contrast-light',
];
const events = generatedTrace();
let browser: Browser;
let server: PanelServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await PanelServer.start();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function withPanel(
  options: NonNullable<Parameters<typeof PanelPage.open>[2]>,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const panel = await PanelPage.open(browser, server, options);
  try {
    await panel.send({ type: 'trace/snapshot', requestId: 'r1', events });
    await look(panel.page);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

/** Colours as the browser paints them, whatever notation the style sheet uses. */
async function paintedColours(page: Page, names: readonly string[]): Promise<readonly (readonly number[])[]> {
  return page.evaluate((variables) => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const style = getComputedStyle(document.body);
    return variables.map((name) => {
      if (context === null) return [];
      // A colour that may be translucent is seen on the panel's surface.
      for (const variable of ['--surface', name]) {
        context.fillStyle = style.getPropertyValue(variable).trim();
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    });
  }, names);
}

const levels = Array.from({ length: entropyLevelCount }, (_, level) => level);

describe.each(themes)('in %s', (theme) => {
  it('keeps token text readable on every entropy colour', async () => {
    await withPanel({ theme }, async (page) => {
      const backgrounds = await paintedColours(
        page,
        levels.map((level) => `--token-entropy-${level}`),
      );
      const [text = [], textHigh = []] = await paintedColours(page, ['--token-text', '--token-text-high']);
      for (const level of levels) {
        const ratio = contrastRatio(backgrounds[level] ?? [], level >= 5 ? textHigh : text);
        expect(ratio, `level ${level}`).toBeGreaterThanOrEqual(4.5);
      }
    });
  });

  it('tells more entropy by ever more contrast with the surface', async () => {
    await withPanel({ theme }, async (page) => {
      const [surface = []] = await paintedColours(page, ['--surface']);
      const bars = await paintedColours(
        page,
        levels.map((level) => `--lane-entropy-${level}`),
      );
      const ratios = bars.map((bar) => contrastRatio(bar, surface));
      expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    });
  });

  it('does not lean on colour alone: underlines grow with entropy', async () => {
    await withPanel({ theme }, async (page) => {
      const heights = await page.evaluate(
        (count) =>
          Array.from({ length: count }, (_, level) => {
            const element = document.createElement('span');
            element.className = `token entropy-${level}`;
            document.body.append(element);
            const shadow = getComputedStyle(element).boxShadow;
            element.remove();
            return Math.abs(Number(/ (-?\d+)px 0px 0px inset/u.exec(shadow)?.[1] ?? 0));
          }),
        entropyLevelCount,
      );
      expect(heights).toEqual([...heights].sort((a, b) => a - b));
      expect(heights[0]).toBe(0);
      expect(heights.at(-1)).toBeGreaterThanOrEqual(5);
    });
  });
});

describe.each([400, 640, 1400])('at %i pixels', (width) => {
  it('fits: nothing sticks out and no text is cut off that has no ellipsis', async () => {
    await withPanel({ width, height: 1000 }, async (page) => {
      const sticking = await page.evaluate(() => {
        const right = document.documentElement.clientWidth;
        return [...document.querySelectorAll<HTMLElement>('.panel *')]
          .filter(
            (element) => element.closest('.strip, .table-scroll, pre, .visually-hidden, .u-wrap') === null,
          )
          .filter((element) => {
            const style = getComputedStyle(element);
            const isCut = element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible';
            const isOutside = element.getBoundingClientRect().right > right + 1;
            return isOutside || (isCut && style.textOverflow !== 'ellipsis');
          })
          .map((element) => `${element.tagName}.${element.className}`);
      });
      expect(sticking).toEqual([]);
    });
  });
});

it('moves nothing by itself where motion is unwanted', async () => {
  const panel = await PanelPage.open(browser, server);
  await panel.page.emulateMedia({ reducedMotion: 'reduce' });
  await panel.send({
    type: 'trace/snapshot',
    requestId: 'r1',
    events: generatedTrace({ isUnfinished: true }),
  });
  const animations = await panel.page.evaluate(() => document.getAnimations().length);
  expect(animations).toBe(0);
  await panel.close();
});

it('draws again in the new colours when the theme changes', async () => {
  await withPanel({ theme: 'vscode-dark' }, async (page) => {
    const lanePixels = (): Promise<string> =>
      page.locator('.lanes-canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const before = await lanePixels();
    await page.evaluate(async () => {
      document.body.className = 'vscode-light';
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    });
    expect(await lanePixels()).not.toBe(before);
  });
});
