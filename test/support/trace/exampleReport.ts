import type { Report } from '../../../lab/bench/report.ts';

/** A report with a figure of each kind. */
export const exampleReport: Report = {
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
    { type: 'single', name: 'mean over classes', unit: 'ratio', value: 1.125, basis: 'two classes' },
    { type: 'single', name: 'beyond', unit: 'MB', value: 12.5, basis: 'medians' },
  ],
  notes: ['A note.'],
};
