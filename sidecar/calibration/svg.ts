/** A picture's frame and its style; colours follow the reader's light or dark scheme. Pure. */
export function svgDocument(
  size: { readonly width: number; readonly height: number },
  title: string,
  parts: readonly string[],
): string {
  const { width, height } = size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${style}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Text at a place; `kind` names its class in the style. */
export function svgText(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${coordinate(x)}" y="${coordinate(y)}">${escapeText(content)}</text>`;
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

/** Colours of the classes are told apart without red and green, too (Okabe and Ito). */
const style = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.small{font-size:12px;opacity:.8}',
  '.end{text-anchor:end}.middle{text-anchor:middle}',
  '.axis{stroke:#afb8c1}.threshold{stroke:#59636e;stroke-dasharray:4 3}.ideal{stroke:#59636e;stroke-dasharray:2 4}',
  '.easy{fill:#56b4e9}.normal{fill:#009e73}.hard{fill:#d55e00}.point{fill-opacity:.7}.bar{fill:#0969da;fill-opacity:.55}',
  '@media(prefers-color-scheme:dark){text{fill:#d1d7e0}.axis{stroke:#4d555f}.threshold,.ideal{stroke:#9198a1}',
  '.bar{fill:#4493f8}}',
].join('');

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
