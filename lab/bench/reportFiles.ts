import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../sidecar/process/systemError.ts';
import { plotReport } from './plot.ts';
import { fileStem, parseReport, type Report, toJson, toMarkdown } from './report.ts';

/**
 * Writes a report as JSON and Markdown, and its plot where it has one, and returns the path of the JSON. The files are
 * named by suite, model and time, and never take the place of others, so that runs of a few parts each can share a folder.
 */
export async function writeReport(folder: string, report: Report): Promise<string> {
  await mkdir(folder, { recursive: true });
  const stem = await takeStem(folder, report);
  const plot = plotReport(report);
  if (plot !== null) await writeFile(join(folder, `${stem}.svg`), plot);
  await writeFile(join(folder, `${stem}.md`), toMarkdown(report, plot === null ? null : `${stem}.svg`));
  return join(folder, `${stem}.json`);
}

/** All reports below a folder, whatever run they are of; other files are passed over. */
export async function collectReports(folder: string): Promise<readonly Report[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFile(join(folder, name), 'utf8'));
  return (await Promise.all(texts)).map(parseReport).filter((report) => report !== null);
}

/** Writes the JSON under the first name that is free, and returns that without its ending. */
async function takeStem(folder: string, report: Report): Promise<string> {
  const named = `${fileStem(report)}-${report.date.replaceAll(':', '-')}`;
  for (let copy = 1; ; copy++) {
    const stem = copy === 1 ? named : `${named}-${copy}`;
    try {
      await writeFile(join(folder, `${stem}.json`), toJson(report), { flag: 'wx' });
      return stem;
    } catch (thrown) {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
    }
  }
}
