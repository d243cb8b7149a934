import { describe, expect, it } from 'vitest';
import { mainBlock } from '../../../../../sidecar/reasoning/answers/codeFence.ts';

const fenced = (...blocks: string[]) => blocks.map((code) => `So:\n\`\`\`\n${code}\n\`\`\``).join('\n');

describe('the block that a text is about', () => {
  it.each([
    [
      'def double(n):\n    return n * 2',
      'result = double(5)\nprint(result)  # Output: 10, which is twice five',
    ],
    ['const add = (a, b) => a + b;', 'console.log(add(1, 2)); // 3\nconsole.log(add(2, 2)); // 4'],
    [
      'int twice(int n) {\n  return 2 * n;\n}',
      'int main() {\n  printf("%d of %d\\n", twice(3), twice(4));\n}',
    ],
    ['pub fn twice(n: u32) -> u32 { 2 * n }', 'fn main() {\n    println!("{} {}", twice(1), twice(2));\n}'],
  ])('is %j and no example of its use, however long', (program, example) => {
    expect(mainBlock(fenced(program, example))?.text).toBe(program);
  });

  it('is the longest where none shows the use of another', () => {
    expect(mainBlock(fenced('npm install', 'import x from "x";\nx();'))?.text).toContain('import');
  });

  it('is the longer one where both define the same', () => {
    const better = 'def f(n):\n    # Faster.\n    return n << 1';
    expect(mainBlock(fenced('def f(n):\n    return 2 * n', better))?.text).toBe(better);
  });

  it('takes names within a program for its own', () => {
    const longer = 'def g(n):\n    total = 0\n    return total + n + n';
    expect(mainBlock(fenced('def f(n):\n    let total = 0', longer))?.text).toBe(longer);
  });

  it('is missing where no fence is closed', () => {
    expect(mainBlock('```\ndef f():')).toBeNull();
  });

  it('is found within the time that a long answer allows', () => {
    const long = `${'word '.repeat(20_000)}\n${'a('.repeat(20_000)}`;
    const startMs = performance.now();
    mainBlock(fenced(long, long));
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
