import { summarise, type Figure } from './figure.ts';
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

/** The report as a Markdown section: set-up, one row per figure, notes. */
export function toMarkdown(report: Report): string {
  const { machine } = report;
  const rows = report.figures.map((figure) => {
    const summary = summarise(figure);
    const cells = [
      figure.name,
      `${figure.subjectName} ${format(summary.subjectMedian)} ${figure.unit}`,
      `${figure.baselineName} ${format(summary.baselineMedian)} ${figure.unit}`,
      summary.ratioMedian.toFixed(2),
      `${summary.ratioLow.toFixed(2)} to ${summary.ratioHigh.toFixed(2)}`,
      String(figure.pairs.length),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${report.suite}`,
    '',
    `${report.date.slice(0, 10)} · ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
      `${machine.system} · Node ${machine.nodeVersion} · llama.cpp ${machine.llamaVersion} (${machine.backend}) · ` +
      Object.entries(report.setup)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    '',
    '| figure | subject, median | baseline, median | ratio, median | lowest to highest | pairs |',
    '|---|---|---|---|---|---|',
    ...rows,
    ...(report.notes.length > 0 ? ['', ...report.notes.map((note) => `- ${note}`)] : []),
    '',
  ].join('\n');
}

/** The report as one JSON object, with every pair and the summaries. */
export function toJson(report: Report): string {
  const figures = report.figures.map((figure) => ({ ...figure, summary: summarise(figure) }));
  return JSON.stringify({ ...report, figures }, null, 2);
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
