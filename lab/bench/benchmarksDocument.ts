import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { plotReport } from './plot.ts';
import { fileStem, mergeReports, type Report, titleOf, toMarkdown } from './report.ts';

/** The document's text, and its plots by file name. */
export interface BenchmarksDocument {
  readonly markdown: string;
  readonly plots: ReadonlyMap<string, string>;
}

/**
 * `docs/BENCHMARKS.md` from reports: the newest figures of each suite and model, suites in the given order, models by name.
 * Its plots are looked for in the folder `plotsFolder` beside it. Pure.
 */
export function benchmarksDocument(
  reports: readonly Report[],
  { suiteNames, plotsFolder }: { readonly suiteNames: readonly string[]; readonly plotsFolder: string },
): BenchmarksDocument {
  const groups = new Map<string, Report[]>();
  for (const report of reports) {
    const key = titleOf(report);
    groups.set(key, [...(groups.get(key) ?? []), report]);
  }
  const chosen = [...groups.values()]
    .map(mergeReports)
    .sort(
      (a, b) =>
        suiteNames.indexOf(a.suite) - suiteNames.indexOf(b.suite) || titleOf(a).localeCompare(titleOf(b)),
    );
  const plots = new Map<string, string>();
  const sections = chosen.map((report) => {
    const plot = plotReport(report);
    const name = `${fileStem(report)}.svg`;
    if (plot !== null) plots.set(name, plot);
    return toMarkdown(report, plot === null ? null : `${plotsFolder}/${name}`);
  });
  return { markdown: [introduction, ...sections].join('\n'), plots };
}

/** Writes the document and its plots; plots of reports that are no longer in it go. */
export async function writeDocument(path: string, document: BenchmarksDocument): Promise<void> {
  const folder = plotsFolderOf(path);
  await mkdir(folder, { recursive: true });
  const stale = (await readdir(folder)).filter((name) => name.endsWith('.svg') && !document.plots.has(name));
  await Promise.all(stale.map((name) => rm(join(folder, name))));
  await Promise.all([...document.plots].map(([name, plot]) => writeFile(join(folder, name), plot)));
  await writeFile(path, document.markdown);
}

/** Folder of a document's plots: beside it, by its name in lower case. */
export function plotsFolderOf(path: string): string {
  return join(dirname(path), basename(path, '.md').toLowerCase());
}

const introduction = `# Benchmarks

Written by \`npm run bench -- report\` from the newest report of each suite and model; \`npm run bench -- SUITE\`
makes those. Where a suite was run in another way as well, that report's tables are put in by hand, under a heading of
their own; \`report\` takes them out again. Subject and baseline alternate in one run, on the same model file and with the same threads, so that a
busy machine slows both: read the ratios. Absolute figures do not travel between machines. In the plots the dashed
line is the baseline, a dot the median, and the bar through it reaches from the lowest to the highest.
`;
