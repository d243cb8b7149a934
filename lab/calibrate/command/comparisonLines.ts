import { markdownTable } from '../markdownTable.ts';
import type { StateComparison } from '../valueSet/compareStates.ts';

/** What packed states lose, as a table in Markdown. Pure. */
export function comparisonLines(comparison: StateComparison): readonly string[] {
  const { questionCount, candidateCount, correctShare, constantLogLossNats, forms } = comparison;
  const [whole] = forms;
  const rows = forms.map((result) => [
    result.form,
    String(result.bytes),
    String(result.lambda),
    result.logLossNats.toFixed(4),
    `${signed(result.logLossNats - (whole?.logLossNats ?? NaN))} ± ${result.differenceError.toFixed(4)}`,
    result.auroc.toFixed(3),
    result.aurocWithinQuestion.toFixed(3),
  ]);
  const header = ['state', 'bytes', 'λ', 'log-loss', 'against whole', 'AUROC', 'AUROC within a question'];
  return [
    `${candidateCount} answers to ${questionCount} questions, ${(100 * correctShare).toFixed(1)} % right; ` +
      `log-loss of a constant ${constantLogLossNats.toFixed(4)}`,
    '',
    ...markdownTable(header, rows),
  ];
}

function signed(value: number): string {
  return value < 0 ? `−${(-value).toFixed(4)}` : `+${value.toFixed(4)}`;
}
