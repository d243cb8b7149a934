import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Ask, FlightResult } from '../../../../extension/inlineCompletion/flight.ts';
import {
  type EngineRequest,
  type Found,
  GhostText,
} from '../../../../extension/inlineCompletion/ghostText.ts';
import type { QuietReason } from '../../../../extension/inlineCompletion/quietReason.ts';
import { someReport } from '../../../support/completion/requestDesk.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

/** What the engine would write, were nothing else typed. */
const target = 'const total = sum values;\nprint total;\nreturn total;\n';

/** The text that belongs after a beginning of the target; after anything else, one that names what it belongs to. */
function completionOf(before: string): string {
  return target.startsWith(before) ? target.slice(before.length).trimEnd() : `<${before}>;`;
}

/** An engine that takes its time for the first line, and again for the rest. */
function slowEngine(clock: ManualClock, paceMs: number): (request: EngineRequest) => Ask {
  return ({ window, accepted }) => {
    return (onProgress, signal) =>
      new Promise<FlightResult>((resolve) => {
        const text = completionOf(window.before + (accepted?.text ?? ''));
        const [line = ''] = text.split('\n', 1);
        signal.addEventListener('abort', () => {
          resolve({ type: 'quiet', reason: 'cancelled', report: someReport });
        });
        clock.after(paceMs, () => {
          if (!signal.aborted) onProgress([{ type: 'written', text: text.slice(0, 3) }]);
        });
        clock.after(2 * paceMs, () => {
          if (!signal.aborted && text.includes('\n'))
            onProgress([{ type: 'lines', item: { text: line, replacedLength: 0, meanLogprob: -1 } }]);
        });
        clock.after(3 * paceMs, () => {
          resolve(
            text.trim() === ''
              ? { type: 'quiet', reason: 'emptyCompletion', report: someReport }
              : { type: 'items', items: [{ text, replacedLength: 0 }], report: someReport },
          );
        });
      });
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

/** One step of a run: a key, and how long it lasts until the next. `right` is the next key of the target. */
const step = fc.record({
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constant('right') },
    { weight: 1, arbitrary: fc.constant('x') },
    { weight: 2, arbitrary: fc.constant('backspace') },
  ),
  gapMs: fc.constantFrom(10, 60, 200, 900, 3000),
});

it('whatever is typed, the last call is answered, and with what belongs there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(5, 40, 400, 5000),
      async (steps, paceMs) => {
        const clock = new ManualClock();
        /** Texts that do not belong where they were answered. */
        const stale: { readonly at: string; readonly text: string }[] = [];
        const ghost = new GhostText({
          ask: slowEngine(clock, paceMs),
          now: () => clock.now(),
          after: (delayMs, run) => clock.after(delayMs, run),
          onLonger: () => true,
          onReport: () => undefined,
        });
        const editor = new TypingEditor('|');
        let cancel = (): void => undefined;
        let last: { settled: Found | QuietReason | null } = { settled: null };
        const call = (): void => {
          const abort = new AbortController();
          const at = editor.text;
          const mine: typeof last = { settled: null };
          cancel = () => {
            abort.abort();
          };
          last = mine;
          const options = { trigger: 'automatic', alternatives: 1, debounceMs: 120 } as const;
          void ghost.offer(editor.window, { ...options, signal: abort.signal }).then((found) => {
            mine.settled = found;
            if (typeof found === 'string') return;
            // Nothing stale is ever answered: the text is the beginning of what belongs after the text of this call.
            for (const { text } of found.offers)
              if (!completionOf(at).startsWith(text)) stale.push({ at, text });
          });
        };
        for (const { key, gapMs } of steps) {
          cancel();
          if (key === 'backspace') editor.backspace();
          else editor.accept({ text: key === 'right' ? (target[editor.text.length] ?? 'y') : key });
          ghost.keyTyped();
          ghost.moved(editor.window);
          await settle();
          clock.advance(Math.min(gapMs, 50));
          call();
          await settle();
          for (let passed = 50; passed < gapMs; passed += 50) {
            clock.advance(50);
            await settle();
          }
        }
        for (let passed = 0; passed < 8 * paceMs + 1000; passed += 50) {
          clock.advance(50);
          await settle();
        }
        expect(stale).toEqual([]);
        expect(last.settled).not.toBeNull();
        expect(last.settled).not.toBe('cancelled');
        // With all of it where it is not open, and what was rejected kept back.
        call();
        await settle();
        const whole = last.settled;
        if (whole === null || typeof whole === 'string')
          expect(['rejectedBefore', 'emptyCompletion']).toContain(whole);
        else expect(whole.offers[0]?.text).toBe(completionOf(editor.text));
        expect(stale).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});
