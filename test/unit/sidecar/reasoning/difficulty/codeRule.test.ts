import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { judgeCode, judgeRequest } from '../../../../../sidecar/reasoning/difficulty/codeRule.ts';
import { codeSignals, type CodeSignals } from '../../../../../sidecar/reasoning/difficulty/codeSignals.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const about = (languageId: string, text: string) => codeSignals({ languageId, path: 'a', text });

describe('signals of code', () => {
  it('count lines with something on them, and the places that decide', () => {
    const text =
      'function f(a) {\n  if (a > 1 && a < 5) return a ? 1 : 2;\n\n  for (const b of a) g(b);\n}\n';
    expect(about('javascript', text)).toEqual({
      languageId: 'javascript',
      lineCount: 4,
      complexity: 5, // if, &&, ?:, for
      diagnosticCount: null,
    });
  });

  it.each([
    ['python', 'def f(a):\n    """if and or"""\n    # while\n    return "if" if a and a.b else \'or\'\n', 3],
    ['typescript', '// if\n/* while\n for */ const a = `if ${b}`; const c = "a && b"; d ||= 1;\n', 2],
    ['sql', "SELECT CASE WHEN a THEN 'when' END -- when\nFROM t", 3],
    ['rust', "fn f<'a>(x: &'a str) { match x { _ if x.len() > 1 => {} } }", 2],
    ['shellscript', 'if [ -f a ] && [ -f b ]; then # while\n  echo "for"\nfi', 3],
  ])('read neither strings nor comments of %s', (languageId, text, complexity) => {
    expect(about(languageId, text).complexity).toBe(complexity);
  });

  it('are read in a moment, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('python', 'c', 'sql'), (text, language) => {
        expect(about(language, text).complexity).toBeGreaterThanOrEqual(1);
      }),
    );
    expect(about('c', '/*'.repeat(200_000)).complexity).toBe(1);
    expect(about('python', '"\\'.repeat(200_000)).complexity).toBe(1);
  });
});

describe('the rule for code', () => {
  const simple: CodeSignals = { languageId: 'python', lineCount: 3, complexity: 1, diagnosticCount: 0 };
  it.each([
    [{}, 'easy', 0],
    [{ lineCount: 31 }, 'easy', 1],
    [{ lineCount: 101 }, 'normal', 2],
    [{ complexity: 11, diagnosticCount: 1 }, 'normal', 2],
    [{ complexity: 21, diagnosticCount: 1, languageId: 'ocaml' }, 'hard', 4],
    [{ complexity: 21, lineCount: 101, diagnosticCount: 4 }, 'hard', 6],
    [{ diagnosticCount: null }, 'easy', 0],
  ] as const)('%o is %s, by %d points', (change, difficulty, points) => {
    const estimate = judgeCode({ ...simple, ...change });
    expect(estimate).toMatchObject({ difficulty, source: 'codeSignals', features: { points } });
  });

  it('never finds more code easier', () => {
    const order = ['easy', 'normal', 'hard'];
    const count = fc.nat(200);
    fc.assert(
      fc.property(count, count, count, count, (lineCount, complexity, diagnosticCount, more) => {
        const signals = { ...simple, lineCount, complexity, diagnosticCount };
        const grown = { ...signals, complexity: complexity + more, diagnosticCount: diagnosticCount + more };
        const [before, after] = [signals, grown].map((one) => order.indexOf(judgeCode(one).difficulty));
        expect(after).toBeGreaterThanOrEqual(before ?? 0);
      }),
    );
  });
});

describe('the rule for requests of code', () => {
  it.each([
    ['Write a function that sorts a list.', 'normal', { lineCount: 1, complexity: 1, points: 0 }],
    ['Write a parser.\n'.repeat(101), 'normal', { lineCount: 101, complexity: 1, points: 2 }],
    ['Return null if it is empty, or when it ends.\n'.repeat(101), 'hard', { complexity: 203, points: 4 }],
  ] as const)('finds %j %s', (question, difficulty, features) => {
    expect(judgeRequest(question)).toMatchObject({ difficulty, source: 'codeRequest', features });
  });
});

it('a request for code is judged by what it says, whatever the user chose as the strategy', async () => {
  const question = 'Write a function that doubles a number.';
  const { state } = await runScripted(scriptBySequence([['Easy.\nFinal answer:', ' n + n\n']]), {
    request: { strategy: 'chainOfThought', question },
  });
  expect(state.difficulty).toMatchObject({
    difficulty: 'normal',
    source: 'codeRequest',
    strategy: 'chainOfThought',
  });
});

it('a question about code is judged by the code before its first token, and the trace says by what', async () => {
  const text = 'if (a) b();\n'.repeat(120);
  const { state, events } = await runScripted(scriptBySequence([['It calls b when a holds.']]), {
    request: {
      strategy: 'auto',
      budget: { durationMs: 60_000 },
      attachment: { languageId: 'typescript', path: 'a.ts', text, diagnosticCount: 2 },
    },
  });
  expect(state.difficulty).toMatchObject({
    difficulty: 'hard',
    source: 'codeSignals',
    strategy: 'direct',
    features: { languageId: 'typescript', lineCount: 120, complexity: 121, diagnosticCount: 2 },
    fixedByUser: ['budget'],
  });
  const order = events.map(({ type }) => type);
  expect(order.indexOf('difficulty/decided')).toBeLessThan(order.indexOf('tokens/appended'));
});
