import { expect, it } from 'vitest';
import { ReportCounts } from '../../../../../lab/bench/infill/reportCounts.ts';

it('says why nothing was shown, and the median prompt', () => {
  const counts = new ReportCounts();
  const reasons = [null, 'breaksSyntax', 'duplicatesSuffix', 'breaksSyntax', null] as const;
  expect(counts.note).toContain('Nothing shown: never.');
  for (const [index, suppressed] of reasons.entries())
    counts.add({ suppressed, promptTokenCount: index * 10 });
  expect(counts.note).toBe(
    'Nothing shown: breaksSyntax 2, duplicatesSuffix 1. Prompts: 20 tokens in the median.',
  );
});
