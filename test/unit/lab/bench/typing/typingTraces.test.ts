import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Keyboard } from '../../../../../lab/bench/typing/keyboard.ts';
import { typingSteps, type TypingTrace, typingTraces } from '../../../../../lab/bench/typing/typingTraces.ts';

const checkout = join(import.meta.dirname, '../../../../..');

/** Types a whole trace, and counts. */
function replayed(trace: TypingTrace) {
  const read = (name: string) => readFileSync(join(checkout, trace.folder, name), 'utf8');
  const original = read(trace.file);
  const keyboard = new Keyboard(original, trace.indent);
  let copy = original;
  const counts = { keys: 0, pauses: 0, jumps: 0, deletions: 0, arrows: 0 };
  for (const step of typingSteps(trace.script)) {
    if (step.type === 'pause') counts.pauses += 1;
    else if (step.type === 'jump') {
      counts.jumps += 1;
      keyboard.jump(step.place);
    } else if (step.type === 'arrow') {
      counts.keys += 1;
      counts.arrows += 1;
      keyboard.move(step.key);
    } else {
      counts.keys += 1;
      if (step.type === 'back') counts.deletions += 1;
      const edit = step.type === 'back' ? keyboard.back() : keyboard.type(step.key);
      if (edit !== null)
        copy = copy.slice(0, edit.offset) + edit.inserted + copy.slice(edit.offset + edit.removed);
    }
  }
  return { keyboard, copy, counts, lines: original.split('\n').length, related: trace.related.map(read) };
}

describe.each(typingTraces.map((trace) => [trace.name, trace] as const))('typing in %s', (_name, trace) => {
  const { keyboard, copy, counts, lines, related } = replayed(trace);

  it('has keys of every kind, in a file of about 400 lines beside three others', () => {
    expect(counts.keys).toBeGreaterThan(150);
    expect(counts.pauses).toBeGreaterThan(20);
    expect(counts.jumps).toBeGreaterThan(3);
    expect(counts.deletions).toBeGreaterThan(0);
    expect(counts.arrows).toBeGreaterThan(0);
    expect(Math.abs(lines - 420)).toBeLessThan(60);
    expect(related).toHaveLength(3);
  });

  it('reports every change of the document', () => {
    expect(copy).toBe(keyboard.text);
  });
});

it('there are over 300 keys in all, each trace ends with what was meant', () => {
  const all = typingTraces.map(replayed);
  expect(all.reduce((sum, { counts }) => sum + counts.keys, 0)).toBeGreaterThan(300);
  expect(all.map(({ keyboard }) => keyboard.text.match(/^.*(?:peekToken|def refund).*$/m)?.[0])).toEqual([
    '    peekToken(depth: number): Token | null {',
    '    def refund(self, amount: Money) -> None:',
  ]);
});

it('a line that is not a step is refused', () => {
  expect(() => typingSteps(['press a'])).toThrow(/not a step/);
});
