/** The lines worth having in the document: those in view and a few on either side. */
export interface StripWindow {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

const overscanLines = 8;

/** Lines to draw for a scroll position. Pure; all lengths in CSS pixels. */
export function stripWindow(input: {
  readonly scrollTop: number;
  readonly viewHeightPx: number;
  readonly lineHeightPx: number;
  readonly lineCount: number;
}): StripWindow {
  const { scrollTop, viewHeightPx, lineHeightPx, lineCount } = input;
  const firstInView = Math.floor(scrollTop / lineHeightPx);
  const inView = Math.ceil(viewHeightPx / lineHeightPx) + 1;
  const first = Math.max(0, Math.min(firstInView, lineCount - inView) - overscanLines);
  return { first, end: Math.min(lineCount, firstInView + inView + overscanLines) };
}
