import { describe, expect, it } from 'vitest';
import {
  type CodeTask,
  examplesOf,
  hasExamples,
  passes,
  questionOf,
} from '../../../../../lab/bench/tasks/codeTask.ts';
import { asksForCode } from '../../../../../sidecar/prompts/codeRequest.ts';

const signal = new AbortController().signal;
const task: CodeTask = {
  prompt: [
    'from typing import List',
    '',
    '',
    'def total(numbers: List[int]) -> int:',
    '    """ The sum of numbers.',
    '    >>> total([1, 2])',
    '    3',
    '    """',
    '',
  ].join('\n'),
  entryPoint: 'total',
  test: 'def check(candidate):\n    assert candidate([1, 2]) == 3\n    assert candidate([]) == 0\n',
};
const right = 'def total(numbers: List[int]) -> int:\n    return sum(numbers)\n';
const wrong = 'def total(numbers: List[int]) -> int:\n    return numbers[0]\n';
/** Right by the examples that are shown, and not by the tests that are not. */
const shownOnly = 'def total(numbers: List[int]) -> int:\n    return 3\n';

describe('a program to write', () => {
  it('is asked for as code', () => {
    expect(asksForCode(questionOf(task))).toBe(true);
  });

  it('may show examples, or tell of them in words alone', () => {
    expect(hasExamples(task)).toBe(true);
    expect(hasExamples({ ...task, prompt: task.prompt.replace('>>> ', '') })).toBe(false);
  });

  it.each([
    ['right', right, true],
    ['wrong', wrong, false],
    ['right by its examples alone', shownOnly, false],
    ['no Python', 'so it is', false],
    ['wrong, and ends itself', `${wrong}\nimport sys\nsys.exit(0)\n`, false],
    [
      'right, and asks for input as a main program',
      `${right}\nif __name__ == '__main__':\n    input()\n`,
      true,
    ],
  ])('passes its tests where it is right, without its imports, too: %s', async (_what, program, expected) => {
    expect(await passes(program, task, signal)).toBe(expected);
  });

  it.each([
    ['right', right, 'passed'],
    ['wrong', wrong, 'failed'],
    ['right by them alone', shownOnly, 'passed'],
    ['no Python', 'so it is', 'failed'],
    ['wrong, and ends itself', `${wrong}\nimport sys\nsys.exit(0)\n`, 'failed'],
    [
      'right, and asks for input as a main program',
      `${right}\nif __name__ == '__main__':\n    input()\n`,
      'passed',
    ],
  ])('is tested by the examples that its description shows: %s', async (_what, text, outcome) => {
    await using examples = await examplesOf(task);
    const run = await examples?.verifier.verify({ languageId: 'python', text }, null, signal);
    expect(run?.outcome).toBe(outcome);
  });

  it.each([
    ['right', right, 'passed'],
    ['wrong', wrong, 'failed'],
    ['right by them alone', shownOnly, 'passed'],
    ['broken off by an error', 'def total(numbers):\n    return numbers.total\n', 'failed'],
  ])('is tested by calls and their values, too: %s', async (_what, text, outcome) => {
    const prompt = task.prompt.replace('>>> total([1, 2])\n    3', 'total([1, 2]) ==> 1 + 2 = 3');
    await using examples = await examplesOf({ ...task, prompt });
    const run = await examples?.verifier.verify({ languageId: 'python', text }, null, signal);
    expect(run?.outcome).toBe(outcome);
  });

  it('has no test where its description shows no example', async () => {
    expect(await examplesOf({ ...task, prompt: task.prompt.replace('>>> ', '') })).toBeNull();
  });
});
