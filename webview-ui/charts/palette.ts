import { entropyLevelCount } from './entropyScale.ts';

/** Colours for the canvases, read from the style sheet so that every colour is defined in one place. */
export interface Palette {
  /** By entropy level, low to high. */
  readonly entropy: readonly string[];
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly thought: string;
  readonly answer: string;
  readonly budget: string;
  readonly mark: string;
  readonly accent: string;
  /** The accent, thinned for areas. */
  readonly accentArea: string;
  readonly surface: string;
  readonly fontFamily: string;
}

/** The palette of the theme in force, as CSS colours. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    entropy: Array.from({ length: entropyLevelCount }, (_, level) => colour(`--lane-entropy-${level}`)),
    foreground: colour('--foreground'),
    muted: colour('--muted'),
    grid: colour('--grid'),
    thought: colour('--lane-thought'),
    answer: colour('--lane-answer'),
    budget: colour('--budget-mark'),
    mark: colour('--lane-mark'),
    accent: colour('--accent'),
    accentArea: colour('--accent-area'),
    surface: colour('--surface'),
    fontFamily: style.fontFamily,
  };
}
