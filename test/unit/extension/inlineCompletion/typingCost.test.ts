import { expect, it } from 'vitest';
import type { CursorWindow } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import { GhostText } from '../../../../extension/inlineCompletion/ghostText.ts';
import { RequestDesk } from '../../../support/completion/requestDesk.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

/** Milliseconds of the processor at most for a key that needs no engine: a busy machine adds to the clock alone. */
const limitMs = 5;

const block = 'for (const value of values) {\n  total += weigh(value, [1, "a"]);\n  count += 1;\n}';
const other = 'export function weigh(value: number): number {\n  return value * 2;\n}\n';

it.each([
  ['\n', 1],
  ['\r\n', 10_000],
])(
  'typing through takes no time worth mentioning (line end %j, %i functions before)',
  async (lineEnd, count) => {
    const desk = new RequestDesk();
    const ghost = new GhostText({
      ask: desk.ask,
      now: () => performance.now(),
      after: () => () => undefined,
      onLonger: () => true,
      onReport: () => undefined,
    });
    const offer = (window: CursorWindow) =>
      ghost.offer(window, {
        trigger: 'automatic',
        alternatives: 1,
        debounceMs: 0,
        signal: new AbortController().signal,
      });
    const before = other.repeat(count).replaceAll('\n', lineEnd);
    const show = async (marked: string, text: string): Promise<void> => {
      const found = offer(new TypingEditor(marked).window);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      desk.last.answer(text);
      await found;
    };
    // As many places as are kept, all of them with the same text after the cursor.
    for (let place = 0; place < 100; place++) {
      await show(`${before}let x${place} = |${lineEnd}${before}`, `weigh(${place})`);
    }
    await show(`${before}|${lineEnd}${before}`, block);
    const editor = new TypingEditor(`${before}|${lineEnd}${before}`);
    const asked = desk.requests.length;
    const times: number[] = [];
    for (const key of 'for (const value of values) {\ntotal += weigh(value, [1, "a"]);\ncount += 1') {
      editor.type(key);
      const { window } = editor;
      const startedUs = process.cpuUsage();
      ghost.keyTyped();
      ghost.moved(window);
      expect(typeof (await offer(window))).toBe('object');
      const { user, system } = process.cpuUsage(startedUs);
      times.push((user + system) / 1e3);
    }
    times.sort((a, b) => a - b);
    expect(desk.requests).toHaveLength(asked);
    expect(times[Math.floor(times.length * 0.9)]).toBeLessThan(limitMs);
  },
);
