import { escapeMarkup } from '../../sidecar/trace/escapeMarkup.ts';

/** A picture's frame around its parts; `style` is CSS, whose colours follow the reader's light or dark scheme. Pure. */
export function svgDocument(
  frame: {
    readonly width: number;
    readonly height: number;
    readonly title: string;
    readonly style: string;
  },
  parts: readonly string[],
): string {
  const { width, height, title, style } = frame;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${style}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Text at a place; `kind` names its class in the style. */
export function svgText(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${coordinate(x)}" y="${coordinate(y)}">${escapeMarkup(content)}</text>`;
}

export function svgLine(
  kind: string,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): string {
  const [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y].map(coordinate);
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** Tenths of a pixel: the same picture has the same bytes. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
