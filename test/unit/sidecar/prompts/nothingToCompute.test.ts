import { describe, expect, test } from 'vitest';
import { hasNothingToCompute } from '../../../../sidecar/prompts/nothingToCompute.ts';
import everyday from '../../../fixtures/everydayQuestions.json' with { type: 'json' };

describe('a question with nothing to compute', () => {
  // The questions were written before the rule. The bar is 80 of 100.
  test('is what most everyday questions are', () => {
    expect(everyday).toHaveLength(100);
    expect(new Set(everyday).size).toBe(100);
    expect(everyday.filter(hasNothingToCompute).length).toBeGreaterThanOrEqual(80);
  });

  test.each([
    'What is a monad?',
    'what is a monad',
    'What changed in Python 3.12?',
    "What's new in ES2022?",
    'What does `chmod 755` mean?',
    'Could you please explain what a webhook is?',
    'What’s the point of dependency injection?',
    // What people say to find out whether anybody is there.
    'hi',
    'thanks',
    'Good morning!',
    'Who are you?',
    // What to write.
    'Name three sorting algorithms',
    'Write a haiku about autumn.',
    'Translate "good night" into French.',
  ])('is seen in %s', (question) => {
    expect(hasNothingToCompute(question)).toBe(true);
  });
});

describe('a question with something to work out', () => {
  test.each([
    // Word problems, with digits and without.
    'How many legs do three cats have?',
    'What is 17 times 23?',
    'A train leaves at 9:40 and arrives at 11:05. How many minutes does it take?',
    'Anna has twice as many marbles as Ben. Together they have half a dozen. What does Anna have?',
    'What is twice as many as half a dozen?',
    'What is left when Tom gives all of his apples to Ann and she gives back a handful?',
    'What does Maria pay for a dozen eggs?',
    'What is the price of a shirt after a discount of a quarter?',
    'How do I split a bill fairly between seven friends?',
    'What are the chances of drawing a red card?',
    'Why does the clock strike more often in the afternoon?',
    'What is the average of the ages of my children?',
    'How can I measure four liters with a jug of three and a jug of five?',
    'How do I make change for a dollar?',
    'What is the weight of a brick that weighs a kilo plus half a brick?',
    // Mathematics and proofs.
    'Why is the sum of two odd numbers even?',
    'Explain why there are infinitely many primes.',
    'What is the derivative of sin x?',
    'What are the solutions of x squared equals x?',
    'Why do the angles of a triangle add up to a straight line?',
    'What is $f(x)$ where $f$ is the identity?',
    'What is \\frac{a}{b}?',
    'What is n in the formula?',
    'Prove that the square root of a prime is irrational.',
    'Find the area of the garden.',
    'Explain step by step who sits where.',
    'What happens to the perimeter of a square when its sides are doubled?',
    'What is hex FF in decimal?',
    // Puzzles and logic.
    'How do I get a fox, a goose and a bag of corn across a river?',
    'What is my father’s brother’s son to me?',
    'If all bloops are razzies and all razzies are lazzies, are all bloops lazzies?',
    'What is the truth when the knight says that the knave lies?',
    'What is the next letter in O, T, T, F, F, S, S?',
    'Why can a knight not visit every field of the board?',
    'What is heavier, a pound of feathers or a pound of bricks?',
    'Where is the coin when the cups are swapped?',
    'Who is taller, Anna or Ben?',
    'A man looks at a portrait. Who is it?',
    'Which door should you open?',
    // Programs to run in the head, and facts that come along.
    'What does `[1, 2, 3].map(parseInt)` return?',
    'What is the output of this program?',
    'Why does this loop not end?\nfor (;;) {}',
    'Tom is older than Ann. What is Ben?',
    `What is ${'a very '.repeat(40)}long question?`,
    // Something to count, or no question at all.
    'Count to a thousand.',
    'Name two numbers that add up to ten.',
    'List three consecutive integers whose sum is 24.',
    'Give me 12 factorial.',
    'Name 48 in roman numerals.',
    'All cats are animals and some animals are black, so are some cats black?',
    'Spell strawberry backwards.',
    'Unscramble the letters tca.',
    'Are you sure?',
    'And for Ann?',
    'hi, what is twice seven?',
    // Other languages.
    'Was ist drei mal sieben?',
    '¿Cuánto es siete por ocho?',
    '三加五等于多少',
    '',
  ])('is not taken for one with nothing to compute: %s', (question) => {
    expect(hasNothingToCompute(question)).toBe(false);
  });
});
