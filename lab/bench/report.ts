import { markdownTable } from '../calibrate/markdownTable.ts';
import {
  type Figure,
  leastForP99,
  type LoadFigure,
  type PairedFigure,
  type PairSummary,
  percentile,
  type SampledFigure,
  type SampleSummary,
  type SingleFigure,
  summarisePairs,
  summariseSamples,
} from './figure.ts';
import type { MachineDescription } from './machineDescription.ts';
import { accuracyTables } from './reasoning/accuracyTables.ts';

/** Everything one run of a suite found. */
export interface Report {
  readonly suite: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: MachineDescription;
  /** File name, threads and whatever else decides the numbers. */
  readonly setup: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
  /** Sentences about what the numbers do not show. */
  readonly notes: readonly string[];
}

/**
 * The report as a Markdown section: machine and set-up, a table for each kind of figure, the plot at `plotPath`
 * where there is one, notes.
 */
export function toMarkdown(report: Report, plotPath: string | null): string {
  const { machine, figures } = report;
  const setup = Object.entries(report.setup)
    .filter(([name]) => name !== partsKey)
    .map(([name, value]) => `${name} ${value}`);
  const paired = figures.filter((figure) => figure.type === 'paired');
  const sampled = figures.filter((figure) => figure.type === 'sampled');
  const single = figures.filter((figure) => figure.type === 'single');
  return [
    `## ${titleOf(report)}`,
    '',
    `${report.date.slice(0, 10)} · ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
      `${machine.system} · Node ${machine.nodeVersion} · llama.cpp ${machine.llamaVersion} (${machine.backend}) · ` +
      setup.join(', '),
    ...table(
      ['figure', 'subject, median', 'baseline, median', 'ratio, median', 'lowest to highest', 'pairs'],
      paired.map(pairedRow),
    ),
    ...table(['figure', 'median', '99th percentile', 'highest', 'samples'], sampled.map(sampledRow)),
    ...(sampled.some(({ samples }) => samples.length < leastForP99) ? ['', tooFewForP99] : []),
    ...table(['figure', 'value', 'made of'], single.map(singleRow)),
    ...table(loadHead, figures.filter((figure) => figure.type === 'load').map(loadRow)),
    ...accuracyTables(figures).flatMap(({ head, rows }) => table(head, rows)),
    ...(plotPath === null ? [] : ['', `![${report.suite}: medians and spread](${plotPath})`]),
    ...(report.notes.length > 0 ? ['', ...report.notes.map((note) => `- ${note}`)] : []),
    '',
  ].join('\n');
}

/** What was measured on which model, on which test set where a suite takes one of several, and with which adapter. */
export function titleOf({ suite, setup }: Report): string {
  const { model = '', set, adapter } = setup;
  return [`${suite}: ${model}`, set, adapter].filter((part) => part !== undefined).join(', ');
}

/** The title as a file name without ending, whatever characters the model's name has. */
export function fileStem(report: Report): string {
  return titleOf(report).replaceAll(/[^\w.-]+/g, '-');
}

/** The report as one JSON object, with every measurement and the summaries. */
export function toJson(report: Report): string {
  const figures = report.figures.map((figure) =>
    figure.type === 'paired' || figure.type === 'sampled'
      ? { ...figure, summary: summaryOf(figure) }
      : figure,
  );
  return JSON.stringify({ ...report, figures }, null, 2);
}

/**
 * One report of those of a suite and a model: the newest's, and what older ones measured that no newer one has, as far
 * back as the newest that measured every part and on the same machine. Pure; `reports` must not be empty.
 */
export function mergeReports(reports: readonly Report[]): Report {
  const [newest, ...older] = reports.toSorted((a, b) => b.date.localeCompare(a.date));
  if (newest === undefined) throw new RangeError('There is no report to merge.');
  let merged = newest;
  for (const report of older) {
    if (!isPartial(merged) || !isSameMachine(merged, report)) break;
    const known = new Set(merged.figures.map(nameOf));
    merged = {
      ...merged,
      setup: { ...report.setup, ...merged.setup, [partsKey]: report.setup[partsKey] ?? '' },
      figures: [...merged.figures, ...report.figures.filter((figure) => !known.has(nameOf(figure)))],
      notes: [...new Set([...merged.notes, ...report.notes])],
    };
  }
  return merged;
}

/** Member of a report's set-up that names the parts it was limited to. */
export const partsKey = 'only';

function isPartial({ setup }: Report): boolean {
  return (setup[partsKey] ?? '') !== '';
}

function isSameMachine(a: Report, b: Report): boolean {
  return JSON.stringify(a.machine) === JSON.stringify(b.machine);
}

function nameOf(figure: Figure): string {
  return figure.type === 'paired' || figure.type === 'contrast'
    ? `${figure.name} ${figure.subjectName} ${figure.baselineName}`
    : figure.name;
}

const figureTypes: ReadonlySet<unknown> = new Set<Figure['type']>([
  'paired',
  'sampled',
  'single',
  'load',
  'strategy',
  'contrast',
]);

/** Reads what `toJson` wrote; null for any other text. */
export function parseReport(text: string): Report | null {
  const value: unknown = parseJson(text);
  const members = ['suite', 'date', 'machine', 'setup', 'figures', 'notes'];
  if (typeof value !== 'object' || value === null || !members.every((name) => name in value)) return null;
  // Written by this program: its members are taken at their word once they are all there.
  const report = value as Report;
  return report.figures.every(isReadable) ? report : null;
}

/** Whether it is one that this program still writes. */
function isReadable(figure: Figure): boolean {
  // Earlier rows had single numbers in place of intervals.
  if (figure.type === 'strategy') return typeof figure.truncatedShare === 'object';
  return figureTypes.has(figure.type);
}

function summaryOf(figure: PairedFigure | SampledFigure): PairSummary | SampleSummary {
  return figure.type === 'paired' ? summarisePairs(figure.pairs) : summariseSamples(figure.samples);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return ['', ...markdownTable(head, rows)];
}

function pairedRow(figure: PairedFigure): readonly string[] {
  const summary = summarisePairs(figure.pairs);
  return [
    figure.name,
    `${figure.subjectName} ${formatValue(summary.subjectMedian)} ${figure.unit}`,
    `${figure.baselineName} ${formatValue(summary.baselineMedian)} ${figure.unit}`,
    summary.ratioMedian.toFixed(2),
    `${summary.ratioLow.toFixed(2)} to ${summary.ratioHigh.toFixed(2)}`,
    String(figure.pairs.length),
  ];
}

function sampledRow(figure: SampledFigure): readonly string[] {
  const { median, p99, highest } = summariseSamples(figure.samples);
  const cells = [median, p99, highest].map((value) =>
    value === null ? '–' : `${formatValue(value)} ${figure.unit}`,
  );
  return [figure.name, ...cells, String(figure.samples.length)];
}

const tooFewForP99 = `–: of fewer than ${leastForP99} samples the 99th percentile is the highest.`;

function singleRow({ name, unit, value, basis }: SingleFigure): readonly string[] {
  const isBare = unit === 'ratio' || unit === 'share';
  return [name, isBare ? value.toFixed(2) : `${formatValue(value)} ${unit}`, basis];
}

const loadHead = [
  'clients',
  'tokens a second',
  'first token, median',
  'first token, 95th percentile',
  'answer, median',
  'answer, 95th percentile',
  'requests',
];

function loadRow({ clients, tokensPerSecond, firstTokenMs, answerMs }: LoadFigure): readonly string[] {
  const times = [firstTokenMs, answerMs].flatMap((values) => {
    const sorted = values.toSorted((a, b) => a - b);
    return [0.5, 0.95].map((share) => `${percentile(sorted, share).toFixed(0)} ms`);
  });
  return [String(clients), formatValue(tokensPerSecond), ...times, String(answerMs.length)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A measured value as tables and plots show it. */
export function formatValue(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
