import type { TraceState } from '../../protocol/traceState.ts';
import { formatCount, formatPercent } from '../charts/numberFormat.ts';
import { speculationTotals } from '../charts/speculationTotals.ts';
import { Bar } from '../components/Bar.tsx';
import { Section } from '../components/Section.tsx';
import { sourceWords } from '../state/panelWords.ts';

/** How many drafted tokens the model confirmed, by where the drafts came from. */
export function SpeculationSection({ measured }: { readonly measured: TraceState['speculation'] }) {
  const totals = speculationTotals(measured);
  if (totals.length === 0) return null;
  return (
    <Section title="Speculation" name="speculation">
      <ul class="speculation">
        {totals.map((total) => (
          <li key={total.source}>
            <span>
              {sourceWords[total.source]}, {total.meanLength.toFixed(1)} tokens each
            </span>
            <Bar share={total.acceptance} tone="other" />
            <span class="number">
              {formatCount(total.accepted)} of {formatCount(total.drafted)} accepted,{' '}
              {formatPercent(total.acceptance)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
