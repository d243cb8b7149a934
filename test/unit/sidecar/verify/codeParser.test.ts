import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { languageIdOf } from '../../../../sidecar/verify/codeLanguage.ts';
import { grammarParser, type Reading } from '../../../../sidecar/verify/codeParser.ts';
import { copyGrammars, grammarNames } from '../../../../sidecar/syntax/grammarFiles.mjs';
import { grammarOf } from '../../../../sidecar/syntax/grammars.ts';
import { WorkClock } from '../../../support/machine/manualClock.ts';
import { shippedParser, syntaxFolder } from '../../../support/machine/shippedGrammars.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const parses: Reading = { errorCount: 0, firstError: null };

/** By the names that fences use: a program, and code with an error. */
const programs: readonly (readonly [name: string, whole: string, broken: string])[] = [
  ['bash', 'for f in *.txt; do\n  echo "${f%.txt}"\ndone', 'for f in *.txt; do\n  echo "${f%.txt}"'],
  [
    'c',
    '#include <stdio.h>\nstruct s *f(int a[static 1]) { struct s *new = malloc(sizeof *new); return new; }',
    'int main(void) { return 1 +; }',
  ],
  [
    'cpp',
    'template <typename T> requires Number<T>\nT twice(T a) { return a + a; }',
    'int twice(int a) { return (a + a; }',
  ],
  [
    'csharp',
    'record Point(int X, int Y);\nclass A { int[] z = [1, 2]; string S => $"{z[0]}"; }',
    'class A { int x = ; }',
  ],
  ['css', 'a:hover > b { color: red; margin: 0 auto }', 'a { color: '],
  [
    'go',
    'package main\n\nfunc Map[T any](xs []T, f func(T) T) {\n\tfor i := range xs {\n\t\txs[i] = f(xs[i])\n\t}\n}',
    'func main() {\n\tx := [1, 2\n}',
  ],
  [
    'java',
    'record A(int x) {}\nclass B { int f(Object o) { return switch (o) { case A(int q) -> q; default -> 0; }; } }',
    'class A { int x = ; }',
  ],
  ['js', 'export const f = async ({ a, ...rest }) => a?.b ?? (await g(rest));', 'const f = (a, b => a + b;'],
  ['jsx', 'const View = ({ a }) => <p className="x">{a}</p>;', 'const View = () => <p>{a</p>;'],
  ['php', 'function f(int $a): int { return $a + 1; }', 'function f( { return 1; }'],
  [
    'py',
    'async def f(x: int) -> str:\n    match x:\n        case 1:\n            return f"{x!r}"',
    'def f(x)\n    return x',
  ],
  ['ruby', 'def twice(xs) = xs.map { |x| x * 2 }\nputs twice([1, 2]).sum', 'def twice(x)\n  x * 2'],
  [
    'rust',
    'pub fn first<T: Clone>(xs: &[T]) -> Option<T> {\n    let [x, ..] = xs else { return None };\n    Some(x.clone())\n}',
    'fn f() -> u32 {\n    let x = (1 + ;\n    x\n}',
  ],
  ['tsx', 'const View = ({ a }: { a: string }) => <b>{a satisfies string}</b>;', 'const a: string = <b>;'],
  [
    'ts',
    'type A<T> = { readonly [K in keyof T]?: T[K] };\nconst a = { b: 1 } as const satisfies A<object>;',
    'let a: string = ;',
  ],
];

describe('grammarParser', () => {
  test.each(programs)('tells a program in %s from one with an error', async (name, whole, broken) => {
    const languageId = languageIdOf(name);
    expect(await shippedParser.read({ text: whole, languageId }, null)).toEqual(parses);
    const reading = await shippedParser.read({ text: broken, languageId }, null);
    expect(reading).toMatchObject({ firstError: { line: expect.any(Number) as number } });
    expect('errorCount' in reading ? reading.errorCount : 0).toBeGreaterThan(0);
  });

  test('has a program here for every grammar that ships', () => {
    const tried = programs.map(([name]) => grammarOf(languageIdOf(name))?.name);
    expect(new Set(tried)).toEqual(new Set(grammarNames));
  });

  test('says where the first error is, in lines and columns of the block, from 1', async () => {
    const text = 'function f() {\n  return 1;\n}\nconst é = "é", b = 2 +;\n';
    expect(await shippedParser.read({ text, languageId: 'javascript' }, null)).toEqual({
      errorCount: 1,
      firstError: { line: 4, column: 22 },
    });
    // What is put before it so that it is read as a program does not count.
    expect(await shippedParser.read({ text: 'echo (1;', languageId: 'php' }, null)).toMatchObject({
      firstError: { line: 1 },
    });
  });

  test('takes a method for a program only where the question was about a part of a file', async () => {
    const method = {
      text: 'add(a: number): number {\n  return this.b + a;\n} // end',
      languageId: 'typescript',
    };
    const old = { text: 'add(a: number): number {\n  return a;\n}', languageId: 'typescript' };
    expect(await shippedParser.read(method, null)).not.toEqual(parses);
    expect(await shippedParser.read(method, { ...old, text: 'const a = 1;' })).not.toEqual(parses);
    expect(await shippedParser.read(method, { ...old, languageId: 'python' })).not.toEqual(parses);
    expect(await shippedParser.read(method, old)).toEqual(parses);
    expect(await shippedParser.read({ ...method, text: `class A {\n${method.text}\n}` }, old)).toEqual(
      parses,
    );
    expect(await shippedParser.read({ ...method, text: 'add(a: number: number {}' }, old)).not.toEqual(
      parses,
    );
    const property = { text: 'public int X { get; set; }', languageId: 'csharp' };
    expect(await shippedParser.read(property, property)).toEqual(parses);
  });

  test('says nothing of a language without a grammar, or without a name', async () => {
    expect(await shippedParser.read({ text: 'x', languageId: 'cobol' }, null)).toEqual({
      unread: 'no grammar of cobol ships with Entropane',
    });
    expect(await shippedParser.read({ text: 'x', languageId: 'constructor' }, null)).toHaveProperty('unread');
    expect(await shippedParser.read({ text: 'x', languageId: '' }, null)).toEqual({
      unread: 'nothing names its language',
    });
  });

  test('ends within its time on a text that is too long for it, and reads the next one whole', async () => {
    const hurried = grammarParser(syntaxFolder, { clock: new WorkClock(), limitMs: 5 });
    const huge = { text: 'int f(int a) { return a + (b * [c] ;\n'.repeat(50_000), languageId: 'cpp' };
    const startedMs = performance.now();
    expect(await hurried.read(huge, null)).toEqual({ unread: 'it took longer than 5 ms' });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(await shippedParser.read({ text: 'int a;', languageId: 'cpp' }, null)).toEqual(parses);
  });

  test('serves several requests at once that are the first to ask', async () => {
    const fresh = grammarParser(syntaxFolder, { clock: systemClock });
    const readings = ['go', 'python', 'go', 'rust'].map((languageId) =>
      fresh.read({ text: languageId === 'python' ? 'x = 1' : 'fn', languageId }, null),
    );
    expect((await Promise.all(readings)).map((reading) => 'errorCount' in reading)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('stops counting at a hundred errors', async () => {
    const text = 'let = ;\n'.repeat(1000);
    expect(await shippedParser.read({ text, languageId: 'javascript' }, null)).toMatchObject({
      errorCount: 100,
    });
  });

  test('gives the reason where a grammar is missing or broken, and takes it once it is mended', async () => {
    await using folder = await temporaryFolder();
    await copyFile(path.join(syntaxFolder, 'tree-sitter.wasm'), path.join(folder.path, 'tree-sitter.wasm'));
    const own = grammarParser(folder.path, { clock: systemClock });
    const code = { text: 'x := 1', languageId: 'go' };
    expect(await own.read(code, null)).toEqual({
      unread: expect.stringContaining('tree-sitter-go.wasm') as string,
    });
    for (const bytes of ['', 'no WASM', '\0asm\x01\0\0\0']) {
      await writeFile(path.join(folder.path, 'tree-sitter-go.wasm'), bytes);
      expect(await own.read(code, null)).toEqual({
        unread: expect.stringContaining('cannot be used') as string,
      });
    }
    await copyGrammars(folder.path);
    expect(await own.read(code, null)).toEqual(parses);
  });
});
