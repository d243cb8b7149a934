import {
  summarisePairs,
  summariseSamples,
  type Figure,
  type PairedFigure,
  type PairSummary,
  type SampledFigure,
  type SampleSummary,
} from './figure.ts';
import type { MachineDescription } from './machineDescription.ts';

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

/** The report as a Markdown section: machine and set-up, a table for each kind of figure, notes. */
export function toMarkdown(report: Report): string {
  const { machine, figures } = report;
  const setup = Object.entries(report.setup).map(([name, value]) => `${name} ${value}`);
  const paired = figures.filter((figure) => figure.type === 'paired');
  const sampled = figures.filter((figure) => figure.type === 'sampled');
  return [
    `## ${report.suite}: ${report.setup['model'] ?? ''}`,
    '',
    `${report.date.slice(0, 10)} · ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
      `${machine.system} · Node ${machine.nodeVersion} · llama.cpp ${machine.llamaVersion} (${machine.backend}) · ` +
      setup.join(', '),
    ...table(
      ['figure', 'subject, median', 'baseline, median', 'ratio, median', 'lowest to highest', 'pairs'],
      paired.map(pairedRow),
    ),
    ...table(['figure', 'median', '99th percentile', 'highest', 'samples'], sampled.map(sampledRow)),
    ...(report.notes.length > 0 ? ['', ...report.notes.map((note) => `- ${note}`)] : []),
    '',
  ].join('\n');
}

/** The report as one JSON object, with every measurement and the summaries. */
export function toJson(report: Report): string {
  const figures = report.figures.map((figure) => ({ ...figure, summary: summaryOf(figure) }));
  return JSON.stringify({ ...report, figures }, null, 2);
}

const figureTypes: ReadonlySet<unknown> = new Set<Figure['type']>(['paired', 'sampled']);

/** Reads what `toJson` wrote; null for any other text. */
export function parseReport(text: string): Report | null {
  const value: unknown = parseJson(text);
  const members = ['suite', 'date', 'machine', 'setup', 'figures', 'notes'];
  if (typeof value !== 'object' || value === null || !members.every((name) => name in value)) return null;
  // Written by this program: its members are taken at their word once they are all there.
  const report = value as Report;
  return report.figures.every(({ type }) => figureTypes.has(type)) ? report : null;
}

function summaryOf(figure: Figure): PairSummary | SampleSummary {
  return figure.type === 'paired' ? summarisePairs(figure.pairs) : summariseSamples(figure.samples);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return ['', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

function pairedRow(figure: PairedFigure): readonly string[] {
  const summary = summarisePairs(figure.pairs);
  return [
    figure.name,
    `${figure.subjectName} ${format(summary.subjectMedian)} ${figure.unit}`,
    `${figure.baselineName} ${format(summary.baselineMedian)} ${figure.unit}`,
    summary.ratioMedian.toFixed(2),
    `${summary.ratioLow.toFixed(2)} to ${summary.ratioHigh.toFixed(2)}`,
    String(figure.pairs.length),
  ];
}

function sampledRow(figure: SampledFigure): readonly string[] {
  const { median, p99, highest } = summariseSamples(figure.samples);
  const times = [median, p99, highest].map((value) => `${format(value)} ${figure.unit}`);
  return [figure.name, ...times, String(figure.samples.length)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
