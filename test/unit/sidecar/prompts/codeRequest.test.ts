import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asksForCode } from '../../../../sidecar/prompts/codeRequest.ts';

const fence = '```';

describe('a request for code', () => {
  it.each([
    'Write a TypeScript function that debounces another one.',
    'write a python function to check whether a number is prime',
    'Implement quicksort.',
    'Implement an LRU cache with a capacity of 100 entries.',
    'Can you write a regex that matches an ISO date?',
    'Please create a small React component with a counter.',
    'Could you please give me a SQL query that lists the ten best customers?',
    'Generate unit tests for a stack.',
    'I need a bash script that renames all .jpeg files to .jpg.',
    "I'm looking for a one-liner which counts the lines of every file.",
    'Given a list of integers, write a method that returns the two largest.',
    'Using recursion, write Fibonacci in Haskell.',
    'How do I write a decorator that caches results?',
    'How can I create a linked list in C?',
    'Show me some Python that reads a CSV file.',
    'Help me write a Dockerfile for a Node server.',
    'Hello! Write a for loop that prints the squares up to 100.',
    'Make a class Account with deposit and withdraw. It must never be overdrawn.',
    'Convert this function to TypeScript: const add = (a, b) => a + b',
    'Write the following as tests:\n- empty input\n- a negative number',
    'Python function that reverses a string',
    'TypeScript type guard for a User with a name',
    "Write a script that prints $HOME and the user's name.",
    'Write a program that adds 3 numbers and prints how many of them are odd.',
    `Fix this:\n${fence}js\nfunction area(w, h) { return w + h }\n${fence}`,
    `Add type annotations:\n\n${fence}python\ndef area(w, h):\n    return w * h\n${fence}`,
    'def is_palindrome(text: str) -> bool:\n    """Is it the same backwards?"""\n',
    'from typing import List\n\n\ndef largest(values: List[int]) -> int:\n    """ The largest of them. """\n',
    'export function clamp(value: number, low: number, high: number): number {\n',
  ])('is %j', (question) => {
    expect(asksForCode(question)).toBe(true);
  });

  it.each([
    'How many functions did Anna write in 3 days?',
    'Anna writes 4 programs a day. How many programs does she write in a week?',
    'A class of 30 students took a test. How many passed if a third failed?',
    'Tom can write a test in 2 hours. How long do 5 tests take him?',
    'Mrs Lee wants to create 3 groups in each class. How many groups does she create in 4 classes?',
    'If a script has 120 lines and every function takes 8, how many functions are there?',
    'What does this regular expression match? ^a+b$',
    'What does `map` return?',
    'Explain closures.',
    'Explain how to write a function in Python.',
    'Why is my program slow?',
    'Is quicksort stable?',
    'What is the difference between an interface and a class in TypeScript?',
    'Write a poem about a function.',
    'Write an essay on tests in schools.',
    'Complete the square of x^2 + 6x.',
    'Write the quadratic function $f(x) = x^2 + 6x$ in vertex form.',
    'Find the roots of the function f(x) = x^2 - 4.',
    'Give me three reasons for types.',
    'Convert 5 km to miles.',
    'What is the complexity of binary search?',
    'Generate a number between 1 and 10.',
    `What does this print?\n${fence}python\nprint([1, 2][-1])\n${fence}`,
    'def f(x):\n    return x + 1\n\nWhat does f(3) return?',
    'function',
    '',
  ])('is not %j', (question) => {
    expect(asksForCode(question)).toBe(false);
  });

  it('is told in a moment, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof asksForCode(text)).toBe('boolean');
      }),
    );
    const long = ['\n', ' ', 'write ', 'please ', 'a, ', '$a', '`', '```\n', 'def f(', '@a\n\n'];
    for (const part of long) asksForCode(`write ${part.repeat(100_000)}`);
    for (const part of long) asksForCode(`def f(a):\n${part.repeat(100_000)}`);
  });
});
