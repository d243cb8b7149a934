import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  extractAnswer,
  isWholeAnswer,
  parseAnswer,
} from '../../../../../sidecar/reasoning/answers/answerExtraction.ts';

/** What follows an answer marker → its canonical form. */
const answers: readonly (readonly [string, string | null])[] = [
  // Numbers
  [' 42', '42'],
  ['<answer>42</answer>', '42'],
  ['42.', '42'],
  ['+42', '42'],
  ['-7', '-7'],
  ['−7', '-7'],
  ['- 7', '7'], // A list's mark, not a sign.
  ['minus 7', '-7'],
  ['negative 7 degrees', '-7'],
  ['007', '7'],
  ['0', '0'],
  ['-0', '0'],
  ['3.50', '3.5'],
  ['.5', '0.5'],
  ['0.5', '0.5'],
  ['1,234', '1234'],
  ['1,234,567.80', '1234567.8'],
  ["1'234'567", '1234567'],
  ['1 234 567', '1234567'],
  ['1.234,5', '1234.5'],
  ['3,5', '3.5'],
  ['12,00', '12'],
  ['1,2,3', '1,2,3'],
  ['2.5e3', '2500'],
  ['1.2 × 10^5', '120000'],
  ['1.2 \\times 10^{-2}', '0.012'],
  ['5 million', '5000000'],
  ['1.5 million dollars', '1500000'],
  ['$2.5 billion', '2500000000'],
  ['1e999999999', '1e999999999'],
  // Currency, percent, units
  ['$18', '18'],
  ['$ 1,234.50', '1234.5'],
  ['-$5', '-5'],
  ['$-5', '-5'],
  ['18 €', '18'],
  ['€18', '18'],
  ['18 dollars', '18'],
  ['USD 18', '18'],
  ['50%', '50'],
  ['50 %', '50'],
  ['12.5 percent', '12.5'],
  ['5 km', '5'],
  ['5km', '5'],
  ['60 km/h', '60'],
  ['25 cm²', '25'],
  ['25 cm^2', '25'],
  ['90°', '90'],
  ['20 °C', '20'],
  ['12 legs', '12'],
  ['18 dollars per day', '18'],
  ['3rd', '3'],
  ['16 GB', '16'],
  // Fractions
  ['3/4', '0.75'],
  ['1/3', '1/3'],
  ['2/6', '1/3'],
  ['-2/6', '-1/3'],
  ['1 3/4', '1.75'],
  ['1 1/3 cups', '4/3'],
  ['3/0', '3/0'],
  ['\\frac{3}{4}', '0.75'],
  ['\\dfrac{1}{3}', '1/3'],
  ['-\\frac{1}{2}', '-0.5'],
  ['2\\frac{1}{2}', '2.5'],
  ['$\\frac12$', '0.5'],
  ['\\frac{10}{4} \\text{ metres}', '2.5'],
  // LaTeX and markdown
  ['$42$', '42'],
  ['\\(42\\)', '42'],
  ['\\[ 42 \\]', '42'],
  ['\\[\n42\n\\]', '42'],
  ['\\$18', '18'],
  ['50\\%', '50'],
  ['10{,}000', '10000'],
  ['\\boxed{42}', '42'],
  ['\\boxed{\\frac{3}{4}}', '0.75'],
  ['\\boxed{\\text{Paris}}', 'paris'],
  ['$\\boxed{\\left(\\frac{1}{3}\\right)}$', '(1/3)'],
  ['\\boxed{1} or rather \\boxed{2}', '2'],
  ['\\boxed{unfinished', null],
  ['**42**', '42'],
  ['** 42', '42'],
  ['`42`', '42'],
  ['"42"', '42'],
  ['> 42', '42'],
  // Lead-ins, sentences, equations
  ['The answer is 42.', '42'],
  ['is 42', '42'],
  ['approximately 3.14', '3.14'],
  ['≈ 3.14', '3.14'],
  ['x = 5', '5'],
  ['3 + 4 = 7', '7'],
  ['3 + 4 = 7 apples', '7'],
  ['y = x + 2', 'y=x+2'],
  ['She makes 18 dollars every day at the market.', '18'],
  ['After 3 days and 4 nights they had walked for 120 km in all.', '120'],
  ['The answers are:\n42', '42'],
  ['\n\n42\nbecause of the rest', '42'],
  // Not numbers, though digits are in them
  ['3:30 PM', '3:30 pm'],
  ['2024-01-05', '2024-01-05'],
  ['10-12', '10-12'],
  ['5x', '5x'],
  ['5x + 3', '5x+3'],
  // What LaTeX leaves to taste.
  ['3 \\sqrt{5}', '3\\sqrt5'],
  ['3\\sqrt 5', '3\\sqrt5'],
  ['\\sqrt{25}', '\\sqrt{25}'],
  ['10, 080', '10080'],
  ['(-1, 6)', '(-1,6)'],
  ['2 3', '2 3'],
  ['\\begin{pmatrix} -1/3 \\\\ 2/3 \\end{pmatrix}', '\\begin{pmatrix}-1/3\\\\2/3\\end{pmatrix}'],
  ['\\begin{pmatrix} -1/3', null],
  ['March 5', 'march 5'],
  // Choices
  ['B', 'B'],
  ['(B)', 'B'],
  ['B)', 'B'],
  ['(b)', 'B'],
  ['B.', 'B'],
  ['**B**', 'B'],
  ['B) 42 apples', 'B'],
  ['(C) because it is red', 'C'],
  ['Option D', 'D'],
  ['choice (e)', 'E'],
  ['x', 'x'],
  ['a', 'a'],
  // Text
  ['Paris', 'paris'],
  ['The  Eiffel Tower.', 'eiffel tower'],
  ['Yes', 'yes'],
  ['O(n log n)', 'o(n log n)'],
  // Nothing
  ['', null],
  ['   \n  ', null],
  ['...', null],
  ['The answers are:', null],
  ['\\begin{aligned}', null],
  ['a long explanation that has more words than any short answer would ever need', null],
  // Code
  ['```python\nprint(1)\n```', 'print(1)'],
  ['\n```\na  \n\nb\n```\nand so on', 'a\n\nb'],
  ['```ts\nlet a = `x`;\n```', 'let a = `x`;'],
  ['````md\n```\ninner\n```\n````', '```\ninner\n```'],
  ['```python\nprint(1)', null],
];

describe('parseAnswer', () => {
  test.each(answers)('%j is %j', (text, canonical) => {
    expect(parseAnswer(text)?.canonical ?? null).toBe(canonical);
  });

  test.each([
    ['42 legs', 'number'],
    ['(B)', 'choice'],
    ['Paris', 'text'],
    ['```\nx\n```', 'code'],
  ])('%j is a %s', (text, kind) => {
    expect(parseAnswer(text)?.kind).toBe(kind);
  });
});

describe('isWholeAnswer', () => {
  test.each([
    [' 42\n', true],
    ['\n', false],
    ['\n\\[\n', false],
    ['\n```python\nx = 1\n', false],
    ['\n```python\nx = 1\n```\n', true],
  ])('%j: %s', (text, isWhole) => {
    expect(isWholeAnswer(text)).toBe(isWhole);
  });
});

/** Text written freely → its canonical answer. */
const texts: readonly (readonly [string, string | null])[] = [
  ['3 * 4 = 12.\nFinal answer: 12', '12'],
  ['**Final Answer:** $12', '12'],
  ['**Final Answer**: 12 legs', '12'],
  ['FINAL ANSWER: (B)', 'B'],
  ['Final answer:\n\\[\n\\boxed{12}\n\\]', '12'],
  ['Final answer: 9\nWait, that is wrong.\nFinal answer: 12', '12'],
  ['Step 1: 3\nStep 2: 4\n#### 12', '12'],
  ['We get \\boxed{12} as a result.', '12'],
  ['The answer is 12.', '12'],
  ['So the answer is: **12**', '12'],
  ['Answer: 12', '12'],
  ['12', '12'],
  ['4 + 4 + 4 = 12', '12'],
  ['Each has 4.\nTherefore, three cats have 12 legs.', '12'],
  ['First 3 * 4. Then 12 - 2 = 10.', '10'],
  ['Here you are:\n```python\nprint(1)\n```\nIt prints 1.', 'print(1)'],
  ['One:\n```\na\n```\nTwo:\n```\nb\n```\nEnd.', null],
  ['This function sums the numbers from 1 to n.\nIt runs in linear time and uses 2 variables.', null],
  ['The loop has 3 parts.\nThe second one is slow.', null],
  ['', null],
  // Words within code announce nothing, unless they begin a line behind a fence that was left open
  [
    'So:\n```js\nconsole.log("Final answer: " + n); // "Final answer: 42"\n```',
    'console.log("Final answer: " + n); // "Final answer: 42"',
  ],
  ['So:\n```js\nf("Final answer: 42', null],
  ['So:\n```js\nf()\n\nFinal answer: 42', '42'],
];

describe('extractAnswer', () => {
  test.each(texts)('%j gives %j', (text, canonical) => {
    expect(extractAnswer(text)?.canonical ?? null).toBe(canonical);
  });
});

describe('properties', () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 300 });
  const lively = fc
    .array(
      fc.constantFrom(
        '\\boxed{',
        '}',
        '```\n',
        '$',
        '\\frac',
        '{',
        '1',
        ',',
        '.',
        '-',
        '/',
        ' ',
        '\n',
        'answer is',
        'e9',
        'B)',
      ),
    )
    .map((parts) => parts.join(''));

  test('extraction never throws and its canonical form parses to itself', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, lively), (text) => {
        const answer = extractAnswer(text);
        if (answer?.kind === 'number') expect(parseAnswer(answer.canonical)).toEqual(answer);
      }),
      { numRuns: 2000 },
    );
  });

  test('every way of writing an integer is the same answer', () => {
    const dressings: readonly ((n: number) => string)[] = [
      (n) => `${n}`,
      (n) => n.toLocaleString('en-US'),
      (n) => `${n}.00`,
      (n) => `$${n}`,
      (n) => `**${n}**`,
      (n) => `\\boxed{${n}}`,
      (n) => `${n} apples`,
      (n) => `The answer is ${n}.`,
      (n) => `x = ${n}`,
      (n) => `${n * 2}/2`,
      (n) => `\\frac{${n * 3}}{3}`,
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.constantFrom(...dressings), (n, dress) => {
        expect(parseAnswer(dress(n))?.canonical).toBe(String(n));
      }),
    );
  });

  test('a long text of half-open markup takes no longer than its length allows', () => {
    const text = '\\boxed{\\frac{1'.repeat(4000);
    expect(extractAnswer(text)).toBeNull();
  });
});
