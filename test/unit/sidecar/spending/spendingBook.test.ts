import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyLedger, generatedTokenCount, purposes } from '../../../../protocol/budget.ts';
import type { DaySpending } from '../../../../protocol/spending.ts';
import {
  addBooks,
  bookText,
  dayOf,
  generatedIn,
  keptDays,
  mostModelsADay,
  parseBook,
  spendingOf,
} from '../../../../sidecar/spending/spendingBook.ts';

const anyRow: fc.Arbitrary<DaySpending> = fc.record({
  day: fc.integer({ min: 1, max: 28 }).map((day) => `2026-02-${String(day).padStart(2, '0')}`),
  model: fc.constantFrom('a', 'b', 'c'),
  requests: fc.nat(100),
  tokens: fc
    .tuple(...purposes.map(() => fc.nat(10_000)))
    .map((counts) => ({ ...emptyLedger.tokens, thought: counts[0] ?? 0, prompt: counts[1] ?? 0 })),
  durationMs: fc.nat(1_000_000),
});

function spent(day: string, model: string, answer: number): DaySpending {
  return spendingOf(day, model, { tokens: { ...emptyLedger.tokens, answer }, durationMs: 5 });
}

describe('a book', () => {
  test('adds requests of the same day and model, newest day first', () => {
    const book = addBooks(
      [spent('2026-01-01', 'a', 3), spent('2026-01-02', 'a', 1)],
      [spent('2026-01-01', 'a', 4), spent('2026-01-02', 'b', 9)],
    );
    expect(
      book.map(({ day, model, requests, tokens, durationMs }) => [
        day,
        model,
        requests,
        tokens.answer,
        durationMs,
      ]),
    ).toEqual([
      ['2026-01-02', 'b', 1, 9, 5],
      ['2026-01-02', 'a', 1, 1, 5],
      ['2026-01-01', 'a', 2, 7, 10],
    ]);
  });

  test('loses nothing, in whatever order requests are added', () => {
    fc.assert(
      fc.property(fc.array(anyRow), fc.array(anyRow), (first, second) => {
        const book = addBooks(first, second);
        expect(generatedIn(book)).toBe(
          [...first, ...second].reduce((n, row) => n + generatedTokenCount(row), 0),
        );
        expect(book).toHaveLength(new Set([...first, ...second].map(({ day, model }) => day + model)).size);
      }),
    );
  });

  test('survives its file', () => {
    fc.assert(
      fc.property(fc.array(anyRow), (rows) => {
        const book = addBooks([], rows);
        expect(parseBook(bookText(book))).toEqual(book);
      }),
    );
  });

  test('stays bounded: the newest days, and a row for the models that are too many', () => {
    const days = Array.from({ length: 200 }, (_, day) => dayOf(new Date(2026, 0, 1 + day)));
    const rows = days.flatMap((day) =>
      Array.from({ length: 40 }, (_, model) => spent(day, `model ${model} ${'x'.repeat(300)}`, 1)),
    );
    const book = addBooks([], rows);
    expect(new Set(book.map(({ day }) => day)).size).toBe(keptDays);
    expect(book[0]?.day).toBe(days.at(-1));
    expect(book).toHaveLength(keptDays * (mostModelsADay + 1));
    expect(bookText(book).length).toBeLessThan(1_500_000);
    const lastDay = book.filter(({ day }) => day === days.at(-1));
    expect(lastDay.find(({ model }) => model === 'other models')?.requests).toBe(40 - mostModelsADay);
  });

  test.each([
    ['nothing', ''],
    ['half a file', bookText([spent('2026-01-01', 'a', 3)]).slice(0, 40)],
    ['another version', '{"version":2,"rows":[]}'],
    ['a row without a day', '{"version":1,"rows":[{"model":"a","requests":1,"durationMs":1,"tokens":{}}]}'],
    [
      'a negative count',
      '{"version":1,"rows":[{"day":"2026-01-01","model":"a","requests":1,"durationMs":1,"tokens":{"answer":-1}}]}',
    ],
    ['a list', '[]'],
  ])('is not read from %s', (_what, text) => {
    expect(parseBook(text)).toBeNull();
  });
});
