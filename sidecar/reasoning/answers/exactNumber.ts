/** A rational number in lowest terms. Exact, so that 0.1 + 0.2, 3/10 and 0.30 are the same answer. */
export interface ExactNumber {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** Longer literals and exponents are text, not numbers: nothing a question asks for, and slow to compute. */
const mostDigits = 200;
const mostExponent = 200;

/** Fractions that end within this many decimals are written as decimals, others as `a/b`. */
const mostDecimals = 12;

const grouped = "\\d{1,3}(?:[,'’ \\u00a0\\u2009\\u202f]\\d{3})+(?!\\d)(?:\\.\\d+)?";
const plain = '\\d+(?:\\.\\d+)?|\\.\\d+';
const decimalComma = '\\d+,\\d{1,2}(?!\\d)|\\d{1,3}(?:\\.\\d{3})+,\\d+';
const exponent =
  '(?:[eE][+-]?\\d{1,4}|\\s*(?:[×x*·]|\\\\times|\\\\cdot)\\s*10\\s*\\^\\s*\\{?[+-]?\\d{1,4}\\}?)';

/** Source of a pattern for an unsigned number: grouped thousands, decimals, an exponent. No capturing groups. */
export const unsignedNumberPattern = `(?:(?:${decimalComma}|${grouped}|${plain})${exponent}?)`;

const wholeNumber = new RegExp(`^([+-]?)(${unsignedNumberPattern})$`, 'u');
const wholeFraction = new RegExp(`^(${unsignedNumberPattern})\\s*/\\s*(${unsignedNumberPattern})$`, 'u');
const mixedFraction = /^(\d+)[ -](\d+)\s*\/\s*(\d+)$/;

/**
 * A number as people and models write it: `1,234.5`, `-7`, `.5`, `3/4`, `1 3/4`, `2.5e3`, `1.2 × 10^5`, `1.234,5`,
 * `3,5`, `1 234`. A comma before exactly three digits groups thousands. Null for anything else. Pure.
 */
export function parseNumber(text: string): ExactNumber | null {
  const trimmed = text.trim().replace(/[−–]/g, '-');
  const sign = trimmed.startsWith('-') ? -1n : 1n;
  const unsigned = trimmed.replace(/^[+-]\s*/, '');
  const magnitude = parseMixed(unsigned) ?? parseFraction(unsigned) ?? parseDecimal(unsigned);
  return magnitude === null ? null : { ...magnitude, numerator: sign * magnitude.numerator };
}

/** The one way each number is written as an answer: `42`, `-0.75`, `1/3`. */
export function formatNumber({ numerator, denominator }: ExactNumber): string {
  if (denominator === 1n) return numerator.toString();
  const decimals = decimalsNeeded(denominator);
  if (decimals === null) return `${numerator}/${denominator}`;
  const scaled = ((numerator < 0n ? -numerator : numerator) * 10n ** BigInt(decimals)) / denominator;
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const sign = numerator < 0n ? '-' : '';
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The product of two numbers, as for `2.5 million`. */
export function multiply(a: ExactNumber, b: ExactNumber): ExactNumber {
  return reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

function parseMixed(text: string): ExactNumber | null {
  const [, whole, upper, lower] = mixedFraction.exec(text) ?? [];
  if (whole === undefined || upper === undefined || lower === undefined) return null;
  if (whole.length + upper.length + lower.length > mostDigits || BigInt(lower) === 0n) return null;
  return reduced(BigInt(whole) * BigInt(lower) + BigInt(upper), BigInt(lower));
}

function parseFraction(text: string): ExactNumber | null {
  const [, upper, lower] = wholeFraction.exec(text) ?? [];
  if (upper === undefined || lower === undefined) return null;
  const above = parseDecimal(upper);
  const below = parseDecimal(lower);
  if (above === null || below === null || below.numerator === 0n) return null;
  return reduced(above.numerator * below.denominator, above.denominator * below.numerator);
}

function parseDecimal(text: string): ExactNumber | null {
  const literal = wholeNumber.exec(text)?.[2];
  if (literal === undefined || literal.length > mostDigits) return null;
  const [mantissa, power] = splitExponent(literal);
  const [whole = '', decimals = ''] = normaliseSeparators(mantissa).split('.');
  const shift = power - decimals.length;
  if (Math.abs(shift) > mostExponent) return null;
  const digits = BigInt(whole + decimals);
  return shift >= 0 ? reduced(digits * 10n ** BigInt(shift), 1n) : reduced(digits, 10n ** BigInt(-shift));
}

function splitExponent(literal: string): readonly [string, number] {
  const match = /^(.*?)(?:[eE]|\s*(?:[×x*·]|\\times|\\cdot)\s*10\s*\^\s*\{?)([+-]?\d+)\}?$/u.exec(literal);
  return match === null ? [literal, 0] : [match[1] ?? '', Number(match[2])];
}

/** Digits with at most one dot. */
function normaliseSeparators(mantissa: string): string {
  if (/^\d+,\d{1,2}$/.test(mantissa) || /^\d{1,3}(\.\d{3})+,\d+$/.test(mantissa)) {
    return mantissa.replaceAll('.', '').replace(',', '.');
  }
  return mantissa.replace(/[^\d.]/g, '');
}

/** Decimals after which a fraction in lowest terms ends; null when it does not, or not soon. */
function decimalsNeeded(denominator: bigint): number | null {
  for (let decimals = 1; decimals <= mostDecimals; decimals++) {
    if (10n ** BigInt(decimals) % denominator === 0n) return decimals;
  }
  return null;
}

function reduced(numerator: bigint, denominator: bigint): ExactNumber {
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}
