import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmarksDocument, writeDocument } from '../../../../lab/bench/benchmarksDocument.ts';
import { mergeReports, parseReport, toJson, toMarkdown } from '../../../../lab/bench/report.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { exampleReport as report } from '../../../support/trace/exampleReport.ts';

describe('a report', () => {
  it('shows medians, ratio, spread and the number of pairs in one row', () => {
    const markdown = toMarkdown(report, null);
    expect(markdown).toContain(
      '| decode | engine 90.0 tok/s | llama-bench 100.0 tok/s | 0.90 | 0.80 to 0.95 | 3 |',
    );
    expect(markdown).toContain('| cancel | 8.00 ms | – | 12.0 ms | 3 |');
    expect(markdown).toContain('–: of fewer than 100 samples');
    expect(markdown).toContain('| mean over classes | 1.13 | two classes |');
    expect(markdown).toContain('| beyond | 12.5 MB | medians |');
    expect(markdown).toContain('Some Processor, 2 cores');
    expect(markdown).toContain('- A note.');
    expect(markdown).not.toContain('![');
  });

  it('shows the 99th percentile where it is another than the highest', () => {
    const samples = Array.from({ length: 100 }, (_, index) => index + 1);
    const figures = [{ type: 'sampled', name: 'cancel', unit: 'ms', samples } as const];
    const markdown = toMarkdown({ ...report, figures }, null);
    expect(markdown).toContain('| cancel | 50.5 ms | 99.0 ms | 100.0 ms | 100 |');
    expect(markdown).not.toContain('fewer than');
  });

  it('shows its plot where it has one', () => {
    expect(toMarkdown(report, 'plots/decode.svg')).toContain('](plots/decode.svg)');
  });

  it('has no table without rows', () => {
    expect(toMarkdown({ ...report, figures: [] }, null)).not.toContain('|---|');
  });

  it('comes back from its file with every measurement', () => {
    expect(parseReport(toJson(report))).toMatchObject(report);
  });

  it.each(['', '[]', '{"suite": "decode"}', JSON.stringify({ ...report, figures: [{ name: 'old' }] })])(
    'is not taken from %j',
    (text) => {
      expect(parseReport(text)).toBeNull();
    },
  );
});

describe('reports of the same suite and model', () => {
  const [decode, cancel] = report.figures;
  const partial = (part: string, date: string, figures = report.figures, notes: string[] = []) => ({
    ...report,
    date,
    setup: { ...report.setup, only: part },
    figures,
    notes,
  });

  it('add up where each measured a part, the newest measurement of a figure counting', () => {
    const newer = partial('speed', '2026-02-02', decode === undefined ? [] : [decode], ['Newer.']);
    const outdated = decode?.type === 'paired' ? [{ ...decode, pairs: [] }] : [];
    const older = partial('rest', '2026-02-01', [...outdated, ...(cancel === undefined ? [] : [cancel])]);
    const merged = mergeReports([older, newer]);
    expect(merged.figures).toEqual([decode, cancel]);
    expect(merged.notes).toEqual(['Newer.']);
    expect(merged.date).toBe('2026-02-02');
  });

  it('end with the newest that measured everything', () => {
    const merged = mergeReports([
      { ...partial('x', '2026-01-01'), notes: ['Forgotten.'] },
      { ...report, date: '2026-02-01', figures: cancel === undefined ? [] : [cancel] },
      partial('speed', '2026-03-01', decode === undefined ? [] : [decode]),
    ]);
    expect(merged.figures).toEqual([decode, cancel]);
    expect(merged.notes).toEqual(['A note.']);
  });

  it('do not add up across machines', () => {
    const elsewhere = {
      ...partial('rest', '2026-01-01'),
      machine: { ...report.machine, processor: 'Another' },
    };
    const newer = partial('speed', '2026-02-02', decode === undefined ? [] : [decode]);
    expect(mergeReports([elsewhere, newer]).figures).toEqual([decode]);
  });
});

describe('the document', () => {
  const options = { suiteNames: ['decode', 'cancel'], plotsFolder: 'plots' };

  it('holds the newest report of each suite and model, suites in their order, with their plots', () => {
    const older = { ...report, date: '2025-12-31T00:00:00.000Z', notes: ['Outdated.'] };
    const other = { ...report, setup: { model: 'large/1 b', threads: 2 } };
    const cancel = { ...report, suite: 'cancel', figures: [] };
    const { markdown, plots } = benchmarksDocument([cancel, report, older, other], options);
    expect(markdown.match(/^## .*/gm)).toEqual([
      '## decode: large/1 b',
      '## decode: tiny',
      '## cancel: tiny',
    ]);
    expect(markdown).not.toContain('Outdated.');
    expect([...plots.keys()]).toEqual(['decode-large-1-b.svg', 'decode-tiny.svg']);
    expect(markdown.match(/\]\(plots\/.*?\)/g)).toEqual([
      '](plots/decode-large-1-b.svg)',
      '](plots/decode-tiny.svg)',
    ]);
  });

  it('lies beside its plots, and a plot of a report that is gone goes too', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'BENCHMARKS.md');
    const write = (suite: string) => writeDocument(file, benchmarksDocument([{ ...report, suite }], options));
    await write('cancel');
    await write('decode');
    expect(await readFile(file, 'utf8')).toContain('## decode: tiny');
    expect(await readdir(path.join(folder.path, 'benchmarks'))).toEqual(['decode-tiny.svg']);
  });
});
