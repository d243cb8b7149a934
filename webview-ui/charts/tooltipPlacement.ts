export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const gapPx = 6;
const marginPx = 8;

/**
 * Top left corner for a tooltip beside its anchor: below where there is room, else above, kept inside the
 * viewport. All in CSS pixels of the viewport.
 */
export function placeTooltip(
  anchor: Box,
  size: { readonly width: number; readonly height: number },
  viewport: { readonly width: number; readonly height: number },
): { readonly left: number; readonly top: number } {
  const below = anchor.top + anchor.height + gapPx;
  const above = anchor.top - gapPx - size.height;
  const fitsBelow = below + size.height <= viewport.height - marginPx;
  const top =
    fitsBelow || above < marginPx ? Math.min(below, viewport.height - marginPx - size.height) : above;
  const left = Math.min(anchor.left, viewport.width - marginPx - size.width);
  return { left: Math.max(marginPx, left), top: Math.max(marginPx, top) };
}
