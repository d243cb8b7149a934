import { purposes, type Ledger, type Purpose } from '../../protocol/budget.ts';

export interface BudgetShare {
  readonly purpose: Purpose;
  readonly tokens: number;
  /** Part of all tokens in the ledger, 0…1. */
  readonly share: number;
}

/** The ledger by purpose in its fixed order, purposes without tokens included, and their sum. */
export function budgetShares(ledger: Ledger): {
  readonly total: number;
  readonly shares: readonly BudgetShare[];
} {
  const total = purposes.reduce((sum, purpose) => sum + ledger.tokens[purpose], 0);
  const shares = purposes.map((purpose) => {
    const tokens = ledger.tokens[purpose];
    return { purpose, tokens, share: total === 0 ? 0 : tokens / total };
  });
  return { total, shares };
}
