import { coordinate, svgDocument, svgLine, svgText } from '../calibrate/svg.ts';
import { type PairedFigure, type SampledFigure, summarisePairs, summariseSamples } from './figure.ts';
import { accuracyStyle, drawAccuracy } from './reasoning/accuracyPlot.ts';
import { formatValue, type Report, titleOf } from './report.ts';

/** One line of a panel: where its dot, its whisker and its words go. */
interface Row {
  readonly name: string;
  /** What is divided by what, below the name; empty where nothing is. */
  readonly sides: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly valueText: string;
}

interface Panel {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Where a line is drawn through all rows; null for none. */
  readonly reference: number | null;
}

const width = 900;
const labelWidth = 430;
const valueWidth = 110;
const rowHeight = 40;
const titleHeight = 44;
const margin = 12;
const plotLeft = labelWidth + margin;
const plotWidth = width - labelWidth - valueWidth - 2 * margin;

/**
 * The report's strategies, pairs and samples as an SVG: accuracy over tokens; then a dot at the median, a line from
 * lowest to highest (of samples: from median to highest), a panel for each unit and direction. Colours follow the
 * reader's light or dark scheme. Null where there is nothing to draw. Pure.
 */
export function plotReport(report: Report): string | null {
  const panels = panelsOf(report);
  const strategies = report.figures.filter((figure) => figure.type === 'strategy');
  if (panels.length === 0 && strategies.length === 0) return null;
  let top = margin;
  const parts: string[] = [];
  if (strategies.length > 0) {
    const { svg, height } = drawAccuracy(strategies, top);
    parts.push(svg);
    top += height + margin;
  }
  for (const panel of panels) {
    parts.push(drawPanel(panel, top));
    top += titleHeight + panel.rows.length * rowHeight + margin;
  }
  const styles = strategies.length > 0 ? `${style}${accuracyStyle}` : style;
  return svgDocument({ width, height: top, title: titleOf(report), style: styles }, parts);
}

/** A picture in a page sees the reader's scheme, though not the page's own colours. */
const style = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-weight:600}.sides{font-size:12px;opacity:.75}.value{font-variant-numeric:tabular-nums}',
  '.axis{stroke:#afb8c1}.reference{stroke:#59636e;stroke-dasharray:4 3}',
  '.spread{stroke:#0969da;stroke-width:3;stroke-linecap:round;opacity:.45}.dot{fill:#0969da}',
  '@media(prefers-color-scheme:dark){text{fill:#d1d7e0}.axis{stroke:#4d555f}.reference{stroke:#9198a1}',
  '.spread{stroke:#4493f8}.dot{fill:#4493f8}}',
].join('');

function panelsOf({ figures }: Report): readonly Panel[] {
  const paired = figures.filter((figure) => figure.type === 'paired');
  const sampled = figures.filter((figure) => figure.type === 'sampled');
  const speeds = paired.filter(({ unit }) => unit === 'tok/s');
  const costs = paired.filter(({ unit }) => unit !== 'tok/s');
  const units = [...new Set(sampled.map(({ unit }) => unit))];
  return [
    { title: 'speed by baseline, more is better', rows: speeds.map(pairedRow), reference: 1 },
    { title: 'time or memory by baseline, less is better', rows: costs.map(pairedRow), reference: 1 },
    ...units.map((unit) => ({
      title: `${unit}, median to highest`,
      rows: sampled.filter((figure) => figure.unit === unit).map(sampledRow),
      reference: null,
    })),
  ].filter(({ rows }) => rows.length > 0);
}

function pairedRow(figure: PairedFigure): Row {
  const { ratioLow, ratioMedian, ratioHigh } = summarisePairs(figure.pairs);
  return {
    name: figure.name,
    sides: `${figure.subjectName} ÷ ${figure.baselineName}`,
    low: ratioLow,
    middle: ratioMedian,
    high: ratioHigh,
    valueText: ratioMedian.toFixed(2),
  };
}

function sampledRow(figure: SampledFigure): Row {
  const { median, highest } = summariseSamples(figure.samples);
  const valueText = `${formatValue(median)} ${figure.unit}`;
  return { name: figure.name, sides: '', low: median, middle: median, high: highest, valueText };
}

function drawPanel(panel: Panel, top: number): string {
  const reach = Math.max(panel.reference ?? 0, ...panel.rows.map(({ high }) => high).filter(Number.isFinite));
  const x = (value: number): number => {
    const shown = Number.isFinite(value) ? Math.min(Math.max(value, 0), reach) : 0;
    return coordinate(plotLeft + (shown / (reach || 1)) * plotWidth);
  };
  const firstRow = top + titleHeight;
  const bottom = firstRow + panel.rows.length * rowHeight;
  const lineAt = (value: number, kind: string): string =>
    svgLine(kind, { x: x(value), y: firstRow }, { x: x(value), y: bottom });
  return [
    svgText(margin, top + 16, 'title', panel.title),
    lineAt(0, 'axis'),
    ...(panel.reference === null ? [] : [lineAt(panel.reference, 'reference')]),
    svgText(plotLeft, firstRow - 8, 'value', '0'),
    svgText(x(panel.reference ?? reach), firstRow - 8, 'value', formatTick(panel.reference ?? reach)),
    ...panel.rows.map((row, index) => drawRow(row, firstRow + (index + 0.5) * rowHeight, x)),
  ].join('\n');
}

function drawRow(row: Row, y: number, x: (value: number) => number): string {
  return [
    svgText(margin, row.sides === '' ? y + 4 : y - 3, 'name', shorten(row.name)),
    ...(row.sides === '' ? [] : [svgText(margin, y + 13, 'sides', shorten(row.sides))]),
    svgLine('spread', { x: x(row.low), y }, { x: x(row.high), y }),
    `<circle class="dot" cx="${x(row.middle)}" cy="${y}" r="5"/>`,
    svgText(width - valueWidth + margin, y + 4, 'value', row.valueText),
  ].join('\n');
}

/** Longest label that fits its column at the font's usual width. */
const labelCharacters = 66;

function shorten(label: string): string {
  return label.length > labelCharacters ? `${label.slice(0, labelCharacters - 1)}…` : label;
}

function formatTick(value: number): string {
  return Number.isInteger(value) ? String(value) : formatValue(value);
}
