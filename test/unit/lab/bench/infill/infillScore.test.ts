import { describe, expect, it } from 'vitest';
import {
  beforeRepeatedSuffix,
  beginsRight,
  cursorPlace,
  filledProgram,
  isExact,
  type Offered,
} from '../../../../../lab/bench/infill/infillScore.ts';
import { chosenRows, onEmptyLine } from '../../../../../lab/bench/infill/infillSet.ts';
import { placeInWord } from '../../../../../lab/bench/infill/wholeWordPart.ts';
import type { InfillTask } from '../../../../../lab/bench/tasks/infillTask.ts';

const task: InfillTask = {
  id: 'double',
  prefix: 'def double(x):\n    retu',
  middle: 'rn 2 *',
  suffix: ' x\n',
  entryPoint: 'double',
  test: 'def check(f):\n    assert f(4) == 8\n',
};

function inserted(text: string): Offered {
  return { text, replacedLength: 0 };
}

describe('a text for a gap', () => {
  it.each([
    ['rn 2 * x', 'rn 2 *', true],
    ['rn 3', 'rn 2 *', false],
    ['', 'rn', false],
    ['a = 1', 'a = 1\n    b = 2', true],
    ['\n    a', '\n    a', true],
    ['\n    b', '\n    a', false],
    ['anything', '', false],
  ])('%j for %j begins right: %s', (text, middle, expected) => {
    expect(beginsRight(inserted(text), { ...task, middle })).toBe(expected);
  });

  it.each([
    ['x);', 'x', true],
    ['x, y);', 'x', true],
    ['x): T;', 'x', true],
    ['x);', 'x)', false],
    ['y);', 'x', false],
  ])('%j in place of ");", for %j, begins right: %s', (text, middle, expected) => {
    expect(beginsRight({ text, replacedLength: 2 }, { ...task, middle, suffix: ');\n' })).toBe(expected);
  });

  it('is exact but for white space around it', () => {
    const row = { ...task, middle: 'a = 1\n', suffix: ');\n' };
    expect([isExact(inserted(' a = 1'), row), isExact(inserted('a=1'), row)]).toEqual([true, false]);
    const replacing = (text: string): boolean =>
      isExact({ text, replacedLength: 2 }, { ...row, middle: 'a' });
    expect([replacing('a);'), replacing('a)')]).toEqual([true, false]);
  });

  it('is put where the gap is, with the line end that was cut out with it', () => {
    expect(filledProgram(task, inserted('rn 2 *'))).toBe(
      'def double(x):\n    return 2 * x\n\ndef check(f):\n    assert f(4) == 8\n\ncheck(double)\n',
    );
    const line = { ...task, prefix: 'a\n', middle: 'b\n', suffix: 'c\n' };
    expect(filledProgram(line, inserted('b'))).toMatch(/^a\nb\nc\n/u);
    expect(filledProgram(line, inserted('b\n'))).toMatch(/^a\nb\nc\n/u);
    const replacing = { text: 'rn 2 * x', replacedLength: 2 };
    expect(filledProgram(task, replacing)).toBe(filledProgram(task, inserted('rn 2 *')));
  });
});

describe('the place of a gap', () => {
  it.each([
    ['retu', 'rn 2', ' x', { isInsideWord: true, hasWordAround: false }],
    ['ret', ' = 1\n    r', 'eturn', { isInsideWord: false, hasWordAround: true }],
    ['re', 'turn va', 'lue', { isInsideWord: true, hasWordAround: true }],
    ['f(', 'x', ')', { isInsideWord: false, hasWordAround: false }],
  ])('%j, %j, %j', (prefix, middle, suffix, expected) => {
    expect(cursorPlace({ ...task, prefix, middle, suffix })).toEqual(expected);
  });

  it('in a function that lacks nothing is inside a word after its docstring', () => {
    const whole = {
      ...task,
      prefix: 'def f(value):\n    """Give it back."""\n',
      middle: '    return value\n',
    };
    const places = Array.from({ length: 20 }, (_, row) => placeInWord({ ...whole, suffix: '' }, row));
    const texts = places.map((place) => place?.before.split('\n').at(-1));
    expect([...new Set(texts)].toSorted()).toEqual(['    ret', '    return val']);
    expect(placeInWord({ ...whole, prefix: '', middle: 'x', suffix: '' }, 0)).toBeNull();
  });
});

it('rows are counted from 0', () => {
  expect([chosenRows('abcde'.split(''), 'even'), chosenRows('abcde'.split(''), 'odd')]).toEqual([
    ['a', 'c', 'e'],
    ['b', 'd'],
  ]);
});

it('a text ends where it repeats the line after the cursor’s', () => {
  const suffix = ' + 1\n\n    return total\n';
  expect(beforeRepeatedSuffix('value\n    return total\n    more', suffix)).toBe('value\n');
  expect(beforeRepeatedSuffix('value\n    return other', suffix)).toBe('value\n    return other');
  // The first line is the cursor's own.
  expect(beforeRepeatedSuffix('    return total', suffix)).toBe('    return total');
  expect(beforeRepeatedSuffix('a\nb', ' + 1')).toBe('a\nb');
});

it('gives lines an empty line to be written on, and leaves other rows as they are', () => {
  const lines = { ...task, prefix: 'def double(x):\n', middle: '    y = x\n', suffix: '    return y + x\n' };
  expect(onEmptyLine(lines)).toEqual({ ...lines, suffix: '\n    return y + x\n' });
  expect(onEmptyLine(task)).toBe(task);
  expect(onEmptyLine(onEmptyLine(lines))).toEqual(onEmptyLine(lines));
  // The program is the same either way.
  const text = inserted('    y = x');
  expect(filledProgram(onEmptyLine(lines), text)).toBe(filledProgram(lines, text));
});
