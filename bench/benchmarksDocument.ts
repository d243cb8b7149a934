import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReport, toMarkdown, type Report } from './report.ts';

/** All reports below a folder, whatever run they are of; other files are passed over. */
export async function collectReports(folder: string): Promise<readonly Report[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFile(join(folder, name), 'utf8'));
  return (await Promise.all(texts)).map(parseReport).filter((report) => report !== null);
}

/**
 * `docs/BENCHMARKS.md` from reports: the newest of each suite and model, suites in the given order, models by name.
 * Pure.
 */
export function benchmarksDocument(reports: readonly Report[], suiteNames: readonly string[]): string {
  const newest = new Map<string, Report>();
  for (const report of reports.toSorted((a, b) => a.date.localeCompare(b.date))) {
    newest.set(`${report.suite} ${modelOf(report)}`, report);
  }
  const sections = [...newest.values()].sort(
    (a, b) =>
      suiteNames.indexOf(a.suite) - suiteNames.indexOf(b.suite) || modelOf(a).localeCompare(modelOf(b)),
  );
  return [introduction, ...sections.map(toMarkdown)].join('\n');
}

function modelOf(report: Report): string {
  return String(report.setup['model'] ?? '');
}

const introduction = `# Benchmarks

Written by \`npm run bench -- report\` from the newest report of each suite and model; \`npm run bench -- SUITE\`
makes those. Subject and baseline alternate in one run, on the same model file and with the same threads, so that a
busy machine slows both: read the ratios. Absolute figures do not travel between machines.
`;
