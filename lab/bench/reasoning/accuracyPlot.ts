import { coordinate, svgLine, svgText } from '../../calibrate/svg.ts';
import type { StrategyFigure } from '../figure.ts';
import { groupBy } from './rowSummary.ts';

/** A picture of what lies below `top`, and how much room it takes. */
export interface Drawing {
  readonly svg: string;
  readonly height: number;
}

const width = 900;
const plot = { left: 70, right: 880, height: 360 };
const titleHeight = 32;
const axisHeight = 48;
const legendRowHeight = 20;
const legendColumns = 2;
/** Tokens that get a mark on the axis, where they lie in its range. */
const tokenTicks = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

/**
 * Accuracy over mean generated tokens: a numbered mark for every way to answer with its interval around it, a dashed
 * line through the fixed caps, names below. Tokens on a logarithmic axis, since more candidates multiply them. Pure.
 */
export function drawAccuracy(figures: readonly StrategyFigure[], top: number): Drawing {
  const sorted = figures.toSorted((a, b) => a.generatedTokens.estimate - b.generatedTokens.estimate);
  const tokens = sorted.map((figure) => Math.max(1, figure.generatedTokens.estimate));
  const logLow = Math.log2(Math.min(...tokens)) - 0.4;
  const logHigh = Math.log2(Math.max(...tokens)) + 0.4;
  const highest = Math.min(1, Math.ceil(10 * Math.max(...sorted.map((f) => f.accuracy.high))) / 10);
  const bottom = top + titleHeight + plot.height;
  const x = (value: number): number =>
    coordinate(
      plot.left + ((Math.log2(Math.max(1, value)) - logLow) / (logHigh - logLow)) * (plot.right - plot.left),
    );
  const y = (accuracy: number): number => coordinate(bottom - (accuracy / (highest || 1)) * plot.height);
  // A line through the caps of each strategy.
  const caps = groupBy(
    sorted.filter(({ kind }) => kind === 'fixedCap'),
    ({ name }) => name.replace(/:cap=\d+/, ''),
  );
  const legendTop = bottom + axisHeight;
  const rows = Math.ceil(sorted.length / legendColumns);
  const svg = [
    svgText(12, top + 16, 'title', 'share of right answers over mean generated tokens, with 95 % intervals'),
    ...accuracyTicks(highest).flatMap((value) => [
      svgLine('grid', { x: plot.left, y: y(value) }, { x: plot.right, y: y(value) }),
      svgText(12, y(value) + 4, 'value', `${Math.round(100 * value)} %`),
    ]),
    ...tokenTicks
      .filter((value) => Math.log2(value) > logLow && Math.log2(value) < logHigh)
      .map((value) => svgText(x(value) - 10, bottom + 20, 'value', String(value))),
    svgText(plot.right - 60, bottom + 38, 'value', 'tokens'),
    ...[...caps.values()].map(
      (ofStrategy) =>
        `<polyline class="reference" fill="none" points="${ofStrategy
          .map((f) => `${x(f.generatedTokens.estimate)},${y(f.accuracy.estimate)}`)
          .join(' ')}"/>`,
    ),
    ...sorted.flatMap((figure, index) => mark(figure, index + 1, { x, y })),
    ...sorted.map((figure, index) =>
      svgText(
        12 + (width / legendColumns) * Math.floor(index / rows),
        legendTop + (index % rows) * legendRowHeight + 12,
        'value',
        `${index + 1}  ${figure.name}: ${(100 * figure.accuracy.estimate).toFixed(1)} %, ${figure.generatedTokens.estimate.toFixed(0)} (n ${figure.questions})`,
      ),
    ),
  ].join('\n');
  return { svg, height: titleHeight + plot.height + axisHeight + rows * legendRowHeight };
}

/** Colours of the marks, which the plot's style sheet takes in. */
export const accuracyStyle = [
  '.grid{stroke:#afb8c1;opacity:.4}.plain{fill:#0969da}.adaptive{fill:#bc4c00}.fixedCap{fill:#59636e}',
  '.number{font-size:11px;fill:#fff;text-anchor:middle;font-weight:600}',
].join('');

function accuracyTicks(highest: number): readonly number[] {
  return Array.from({ length: Math.round(highest * 10) + 1 }, (_, index) => index / 10);
}

function mark(
  { kind, accuracy, generatedTokens }: StrategyFigure,
  number: number,
  { x, y }: { readonly x: (tokens: number) => number; readonly y: (accuracy: number) => number },
): readonly string[] {
  const [cx, cy] = [x(generatedTokens.estimate), y(accuracy.estimate)];
  return [
    svgLine('spread', { x: cx, y: y(accuracy.low) }, { x: cx, y: y(accuracy.high) }),
    `<circle class="${kind}" cx="${cx}" cy="${cy}" r="9"/>`,
    svgText(cx, cy + 4, 'number', String(number)),
  ];
}
