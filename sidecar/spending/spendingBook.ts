import { emptyLedger, generatedTokenCount, purposes, type Ledger } from '../../protocol/budget.ts';
import { isRecord } from '../../protocol/isRecord.ts';
import type { DaySpending } from '../../protocol/spending.ts';

/** Days that are kept, the newest. */
export const keptDays = 90;
/** Models that a day counts one by one; all further models are counted together. */
export const mostModelsADay = 32;
const otherModels = 'other models';
const longestName = 100;
const bookVersion = 1;

/** Spending by day and model. Pure data: at most `keptDays` days of `mostModelsADay` models and one row for the rest. */
export type SpendingBook = readonly DaySpending[];

/** The day of a moment by this machine's calendar, as `2026-01-31`. */
export function dayOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** One request's spending. */
export function spendingOf(day: string, model: string, { tokens, durationMs }: Ledger): DaySpending {
  return { day, model: model.slice(0, longestName), requests: 1, tokens, durationMs };
}

/** Both together, newest day first, then by generated tokens, without what is too old. */
export function addBooks(book: SpendingBook, added: SpendingBook): SpendingBook {
  const rows = new Map<string, DaySpending>();
  const modelsOf = new Map<string, Set<string>>();
  for (const row of [...book, ...added]) {
    const models = modelsOf.get(row.day) ?? new Set<string>();
    modelsOf.set(row.day, models);
    if (models.size < mostModelsADay) models.add(row.model);
    const model = models.has(row.model) ? row.model : otherModels;
    const key = `${row.day} ${model}`;
    const known = rows.get(key);
    rows.set(key, known === undefined ? { ...row, model } : sum(known, row));
  }
  const days = [...modelsOf.keys()].sort().slice(-keptDays);
  return [...rows.values()]
    .filter(({ day }) => days.includes(day))
    .sort((a, b) => b.day.localeCompare(a.day) || generatedIn([b]) - generatedIn([a]));
}

function sum(a: DaySpending, b: DaySpending): DaySpending {
  return {
    ...a,
    requests: a.requests + b.requests,
    tokens: Object.fromEntries(
      purposes.map((purpose) => [purpose, a.tokens[purpose] + b.tokens[purpose]]),
    ) as DaySpending['tokens'],
    durationMs: a.durationMs + b.durationMs,
  };
}

/** Generated tokens of all rows. */
export function generatedIn(book: SpendingBook): number {
  return book.reduce((total, row) => total + generatedTokenCount(row), 0);
}

export function bookText(book: SpendingBook): string {
  return `${JSON.stringify({ version: bookVersion, rows: book })}\n`;
}

/** Null for a text that is not a whole book of this version. Purposes that it does not know have no tokens. */
export function parseBook(text: string): SpendingBook | null {
  const value = parseJson(text);
  if (!isRecord(value) || value['version'] !== bookVersion || !Array.isArray(value['rows'])) return null;
  const rows = value['rows'].map(parseRow);
  const book = rows.filter((row) => row !== null);
  return book.length === rows.length ? book : null;
}

function parseRow(value: unknown): DaySpending | null {
  if (!isRecord(value)) return null;
  const { day, model, requests, durationMs, tokens } = value;
  if (typeof day !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(day) || typeof model !== 'string') return null;
  if (!isAmount(requests) || !isAmount(durationMs) || !isRecord(tokens)) return null;
  const counted = { ...emptyLedger.tokens };
  for (const purpose of purposes) {
    const count = tokens[purpose] ?? 0;
    if (!isAmount(count)) return null;
    counted[purpose] = count;
  }
  return { day, model, requests, durationMs, tokens: counted };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
