import { describe, expect, it } from 'vitest';
import { shownExamples } from '../../../../../lab/bench/tasks/shownExamples.ts';

describe('examples that a description shows', () => {
  it.each([
    ['f(1, -2) == 3', 'f(1, -2)', '3'],
    ['f([1, 2], 3) => [[1], {2: "a"}]', 'f([1, 2], 3)', '[[1], {2: "a"}]'],
    ['f("a)b") ==> True', 'f("a)b")', 'True'],
    ["f('a') -> 'b, c'", "f('a')", "'b, c'"],
    ['f(1.5) ➞ None', 'f(1.5)', 'None'],
    ['f() = false', 'f()', 'false'],
    ['for f(1) returns (1, 2).', 'f(1)', '(1, 2)'],
    ['* f({"a": 1}) should return True.', 'f({"a": 1})', 'True'],
    ['f("a") # => "Yes" (it begins with a letter)', 'f("a")', '"Yes"'],
    ['f(1) returns [1, 5] # the rest of the way', 'f(1)', '[1, 5]'],
    ['f("5 apples", 19) ->19 - 5 - 6 = 8', 'f("5 apples", 19)', '8'],
    ['f([\n  [1],\n  [2]\n], 1) == 2', 'f([\n  [1],\n  [2]\n], 1)', '2'],
  ])('are read off %j', (description, call, value) => {
    expect(shownExamples(description, 'f')).toEqual([{ call, value }]);
  });

  it.each([
    ['a session', '>>> f(1)\n2'],
    ['a name among the arguments', 'f(n) == 2'],
    ['no value', 'f(1) is what you write'],
    ['a value that is worked out and not said', 'f(2) = 1 + (2 / 2) = 2'],
    ['a value that goes on', 'f(["a"]) == ""a"'],
    ['a bracket that never closes', 'f([1, 2) == 3'],
    ['a comma for a value', 'f(1) == , 2'],
    ['another function', 'of(1) == 2'],
  ])('are none where there is %s', (_what, description) => {
    expect(shownExamples(description, 'f')).toEqual([]);
  });

  it('are read one by one', () => {
    expect(shownExamples('f(1) == 1\nf(2) == 2, f(3) == 3', 'f').map(({ value }) => value)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });
});
