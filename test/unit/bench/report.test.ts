import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmarksDocument, collectReports } from '../../../bench/benchmarksDocument.ts';
import { parseReport, toJson, toMarkdown, type Report } from '../../../bench/report.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const report: Report = {
  suite: 'decode',
  date: '2026-01-02T03:04:05.000Z',
  machine: {
    processor: 'Some Processor',
    cores: 2,
    memoryGiB: 8,
    system: 'Linux 6.1',
    nodeVersion: '20.0.0',
    llamaVersion: '0.5.0',
    backend: 'CPU',
  },
  setup: { model: 'tiny', threads: 2 },
  figures: [
    {
      type: 'paired',
      name: 'decode',
      unit: 'tok/s',
      subjectName: 'engine',
      baselineName: 'llama-bench',
      pairs: [
        { subject: 90, baseline: 100 },
        { subject: 40, baseline: 50 },
        { subject: 95, baseline: 100 },
      ],
    },
    { type: 'sampled', name: 'cancel', unit: 'ms', samples: [4, 12, 8] },
  ],
  notes: ['A note.'],
};

describe('a report', () => {
  it('shows medians, ratio, spread and the number of pairs in one row', () => {
    const markdown = toMarkdown(report);
    expect(markdown).toContain(
      '| decode | engine 90.0 tok/s | llama-bench 100.0 tok/s | 0.90 | 0.80 to 0.95 | 3 |',
    );
    expect(markdown).toContain('| cancel | 8.00 ms | 12.0 ms | 12.0 ms | 3 |');
    expect(markdown).toContain('Some Processor, 2 cores');
    expect(markdown).toContain('- A note.');
  });

  it('has no table without rows', () => {
    expect(toMarkdown({ ...report, figures: [] })).not.toContain('|---|');
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

describe('the document', () => {
  it('holds the newest report of each suite and model, suites in their order', () => {
    const older = { ...report, date: '2025-12-31T00:00:00.000Z', notes: ['Outdated.'] };
    const other = { ...report, setup: { model: 'large', threads: 2 } };
    const cancel = { ...report, suite: 'cancel' };
    const markdown = benchmarksDocument([cancel, report, older, other], ['decode', 'cancel']);
    expect(markdown.match(/^## .*/gm)).toEqual(['## decode: large', '## decode: tiny', '## cancel: tiny']);
    expect(markdown).not.toContain('Outdated.');
  });

  it('is made of whatever reports lie in the folders of earlier runs', async () => {
    await using folder = await temporaryFolder();
    const run = path.join(folder.path, 'run');
    await mkdir(run);
    await writeFile(path.join(run, 'decode.json'), toJson(report));
    await writeFile(path.join(run, 'decode.md'), toMarkdown(report));
    await writeFile(path.join(run, 'notes.json'), '{}');
    expect((await collectReports(folder.path)).map(({ suite }) => suite)).toEqual(['decode']);
    expect(await collectReports(path.join(folder.path, 'absent'))).toEqual([]);
  });
});
