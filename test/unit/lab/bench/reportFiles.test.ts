import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeReports, toJson, toMarkdown } from '../../../../lab/bench/report.ts';
import { collectReports, writeReport } from '../../../../lab/bench/reportFiles.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { exampleReport as report } from '../../../support/trace/exampleReport.ts';

describe('report files', () => {
  it('of runs of one part each into one folder all stay, and come to one report', async () => {
    await using folder = await temporaryFolder();
    const part = (only: string, date: string, index: number) => ({
      ...report,
      date,
      setup: { ...report.setup, only },
      figures: report.figures.slice(index, index + 1),
    });
    await writeReport(folder.path, part('edit', '2026-01-02T03:04:05.000Z', 0));
    await writeReport(folder.path, part('classes', '2026-01-02T03:14:05.000Z', 1));
    const collected = await collectReports(folder.path);
    expect(collected).toHaveLength(2);
    const names = mergeReports(collected).figures.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['cancel', 'decode']);
  });

  it('never take the place of others, not even of the same moment', async () => {
    await using folder = await temporaryFolder();
    const first = await writeReport(folder.path, { ...report, notes: ['First.'] });
    const second = await writeReport(folder.path, { ...report, notes: ['Second.'] });
    expect(path.basename(first)).toBe('decode-tiny-2026-01-02T03-04-05.000Z.json');
    expect(await readFile(first, 'utf8')).toContain('First.');
    expect(await readFile(second, 'utf8')).toContain('Second.');
    expect(await readdir(folder.path)).toHaveLength(6);
  });

  it('show the plot that lies beside them', async () => {
    await using folder = await temporaryFolder();
    const stem = path.basename(await writeReport(folder.path, report), '.json');
    expect(await readFile(path.join(folder.path, `${stem}.md`), 'utf8')).toContain(`](${stem}.svg)`);
    expect(await readFile(path.join(folder.path, `${stem}.svg`), 'utf8')).toContain('<svg');
  });

  it('are found in the folders of earlier runs, whatever else lies there', async () => {
    await using folder = await temporaryFolder();
    const run = path.join(folder.path, 'run');
    await mkdir(run);
    await writeFile(path.join(run, 'decode.json'), toJson(report));
    await writeFile(path.join(run, 'decode.md'), toMarkdown(report, null));
    await writeFile(path.join(run, 'notes.json'), '{}');
    expect((await collectReports(folder.path)).map(({ suite }) => suite)).toEqual(['decode']);
    expect(await collectReports(path.join(folder.path, 'absent'))).toEqual([]);
  });
});
