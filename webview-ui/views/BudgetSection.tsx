import type { Budget, Ledger } from '../../protocol/budget.ts';
import { purposeWords } from '../../protocol/traceWords.ts';
import { budgetShares } from '../charts/budgetShares.ts';
import { formatCount, formatDuration, formatPercent, formatTokens } from '../charts/numberFormat.ts';
import { Section } from '../components/Section.tsx';

interface BudgetSectionProps {
  readonly ledger: Ledger;
  readonly budget: Budget | null;
}

/** Where the tokens went, as a bar and as figures. */
export function BudgetSection({ ledger, budget }: BudgetSectionProps) {
  const { total, shares } = budgetShares(ledger);
  if (total === 0) return null;
  return (
    <Section title="Tokens spent" name="budget" aside={<span class="number">{formatTokens(total)}</span>}>
      <div class="budget-bar" aria-hidden="true">
        {shares.map(({ purpose, tokens, share }) =>
          tokens === 0 ? null : (
            <span
              key={purpose}
              class={`budget-part purpose-${purpose}`}
              style={{ flexGrow: share }}
              title={`${purposeWords[purpose].name}: ${formatTokens(tokens)}`}
            />
          ),
        )}
      </div>
      <table class="budget-table">
        <caption class="visually-hidden">Tokens by purpose</caption>
        <tbody>
          {shares.map(({ purpose, tokens, share }) => (
            <tr
              key={purpose}
              data-empty={tokens === 0 ? '' : undefined}
              title={purposeWords[purpose].meaning}
            >
              <th scope="row">
                <i class={`swatch purpose-${purpose}`} aria-hidden="true" />
                {purposeWords[purpose].name}
              </th>
              <td class="number">{formatCount(tokens)}</td>
              <td class="number muted">{formatPercent(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {budget === null ? null : <p class="note">{limitsText(budget)}</p>}
    </Section>
  );
}

function limitsText(budget: Budget): string {
  const limits = [
    `${formatCount(budget.thoughtTokensPerCandidate)} thought and ${formatCount(budget.answerTokensPerCandidate)} answer tokens a candidate`,
    budget.generatedTokens === null ? null : `${formatCount(budget.generatedTokens)} in all`,
    budget.durationMs === null ? null : formatDuration(budget.durationMs),
  ];
  return `Limits: ${limits.filter((limit) => limit !== null).join(', ')}.`;
}
