import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { entropyLevelCount } from '../../webview-ui/charts/entropyScale.ts';
import { contrastRatio } from '../support/browser/contrastRatio.ts';
import type { PanelOptions, ThemeName } from '../support/browser/panelPage.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const themes: readonly ThemeName[] = [
  'vscode-dark',
  'vscode-light',
  'vscode-high-contrast',
  'vscode-high-contrast-light',
];
const events = generatedTrace();
const openPanel = usePanels();

async function openTrace(options: PanelOptions): Promise<Page> {
  const panel = await openPanel(options);
  await panel.send(
    { type: 'difficulty/changed', choice: 'hard' },
    { type: 'trace/snapshot', requestId: 'r1', events },
  );
  return panel.page;
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

/** Texts with less than 4.5 to 1 between them and what they stand on, as the browser paints both. */
async function faintTexts(page: Page): Promise<readonly string[]> {
  const texts = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('No canvas to paint on.');
    const paint = (colour: string, alpha: number): number[] => {
      context.globalAlpha = alpha;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    return [...document.querySelectorAll<HTMLElement>('.panel *')]
      .filter((element) =>
        [...element.childNodes].some((node) => node instanceof Text && node.data.trim() !== ''),
      )
      .filter(
        (element) => element.checkVisibility() && element.closest(':disabled, .strip, textarea') === null,
      )
      .map((element) => {
        const chain: HTMLElement[] = [];
        for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) chain.unshift(at);
        let opacity = 1;
        let behind: number[] = [];
        for (const each of chain) {
          const style = getComputedStyle(each);
          opacity *= Number(style.opacity);
          behind = paint(style.backgroundColor, opacity);
        }
        const text = paint(getComputedStyle(element).color, opacity);
        return { what: `${element.className}: ${element.textContent}`, text, behind };
      });
  });
  return texts.filter(({ text, behind }) => contrastRatio(text, behind) < 4.5).map(({ what }) => what);
}

const levels = Array.from({ length: entropyLevelCount }, (_, level) => level);

describe.each(themes)('in %s', (theme) => {
  it('keeps token text readable on every entropy colour', async () => {
    const page = await openTrace({ theme });
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

  it('keeps all other text readable', async () => {
    const page = await openTrace({ theme });
    expect(await faintTexts(page)).toEqual([]);
  });

  it('tells more entropy by ever more contrast with the surface', async () => {
    const page = await openTrace({ theme });
    const [surface = []] = await paintedColours(page, ['--surface']);
    const bars = await paintedColours(
      page,
      levels.map((level) => `--lane-entropy-${level}`),
    );
    const ratios = bars.map((bar) => contrastRatio(bar, surface));
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
  });

  it('does not lean on colour alone: underlines grow with entropy', async () => {
    const page = await openTrace({ theme });
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

describe.each([400, 640, 1400])('at %i pixels', (width) => {
  it('fits: nothing sticks out and no text is cut off that has no ellipsis', async () => {
    const page = await openTrace({ width, height: 1000 });
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

it('moves nothing by itself where motion is unwanted', async () => {
  const panel = await openPanel();
  await panel.page.emulateMedia({ reducedMotion: 'reduce' });
  await panel.send({
    type: 'trace/snapshot',
    requestId: 'r1',
    events: generatedTrace({ isUnfinished: true }),
  });
  const animations = await panel.page.evaluate(() => document.getAnimations().length);
  expect(animations).toBe(0);
});

it('draws again in the new colours when the theme changes', async () => {
  const page = await openTrace({ theme: 'vscode-dark' });
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
