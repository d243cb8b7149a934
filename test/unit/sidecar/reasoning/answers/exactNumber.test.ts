import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ExactNumber,
  formatNumber,
  multiply,
  parseNumber,
} from '../../../../../sidecar/reasoning/answers/exactNumber.ts';

function parsed(text: string): ExactNumber {
  const number = parseNumber(text);
  if (number === null) throw new Error(`${text} is no number.`);
  return number;
}

describe('parseNumber', () => {
  test.each([
    ['12', 12n, 1n],
    ['-0.75', -3n, 4n],
    ['6/4', 3n, 2n],
    ['1 1/2', 3n, 2n],
    ['-1 1/2', -3n, 2n],
    ['0.1/0.3', 1n, 3n],
    ['1,000,000', 1000000n, 1n],
    ['2e-3', 1n, 500n],
    ['9007199254740993', 9007199254740993n, 1n],
  ])('%s', (text, numerator, denominator) => {
    expect(parseNumber(text)).toEqual({ numerator, denominator });
  });

  test.each(['', '-', '.', '1/0', '1 2', '1.2.3', '12,34,56', 'e5', '1e500', '5x', '9'.repeat(500), '٣'])(
    '%j is no number',
    (text) => {
      expect(parseNumber(text)).toBeNull();
    },
  );
});

describe('formatNumber', () => {
  test.each([
    ['7/1', '7'],
    ['1/8', '0.125'],
    ['-1/8', '-0.125'],
    ['1/3', '1/3'],
    ['0.000001', '0.000001'],
    ['1/8192', '1/8192'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatNumber(parsed(text))).toBe(canonical);
  });

  test('what is written reads back as the same number', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (a, b) => {
          const written = formatNumber(parsed(`${a}/${b}`));
          expect(formatNumber(parsed(written))).toBe(written);
        },
      ),
    );
  });

  test('equal fractions are written the same', () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 6n });
    fc.assert(
      fc.property(positive, positive, positive, (a, b, factor) => {
        expect(formatNumber(parsed(`${a * factor}/${b * factor}`))).toBe(formatNumber(parsed(`${a}/${b}`)));
      }),
    );
  });
});

test('multiply is exact', () => {
  expect(formatNumber(multiply(parsed('0.1'), parsed('0.2')))).toBe('0.02');
  expect(formatNumber(multiply(parsed('2/3'), parsed('3/2')))).toBe('1');
});
