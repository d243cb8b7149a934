import type { FrameLocator } from 'playwright-core';
import type { TraceEvent } from '../../protocol/traceEvent.ts';

/** What the panel had of an answer, its thought before it, and when: milliseconds of the machine's clock. */
interface Drawn {
  readonly atMs: number;
  readonly text: string;
}

/** Notes every change of the answer that the panel draws from now on. Returns what calls for the list. */
export async function recordAnswer(panel: FrameLocator): Promise<() => Promise<readonly Drawn[]>> {
  const recording = await panel.locator('body').evaluateHandle((body) => {
    const states: { atMs: number; text: string }[] = [];
    new MutationObserver(() => {
      const parts = [...body.querySelectorAll('.answer-text .markdown')];
      const text = parts.map((part) => part.textContent).join('');
      if (text !== '' && text !== states.at(-1)?.text) states.push({ atMs: Date.now(), text });
    }).observe(body, { subtree: true, childList: true, characterData: true });
    return states;
  });
  return () => recording.jsonValue();
}

/**
 * Milliseconds from each step of a trace with one candidate to its text in the panel. Letters alone are compared, since Markdown
 * draws other characters otherwise. Steps that add none are left out. Pure.
 */
export function delaysOf(events: readonly TraceEvent[], drawn: readonly Drawn[]): readonly number[] {
  const [first] = events;
  if (first?.type !== 'request/started') throw new Error('The trace has no beginning.');
  const startedMs = Date.parse(first.startedAt) - first.timeMs;
  const whole = lettersOf(
    events.flatMap((event) => (event.type === 'tokens/appended' ? event.tokens.texts : [])).join(''),
  );
  // What the panel had before is of another answer.
  const states = drawn
    .map(({ atMs, text }) => ({ atMs, letters: lettersOf(text) }))
    .filter(({ atMs, letters }) => atMs >= startedMs && whole.startsWith(letters));
  let length = 0;
  return events.flatMap((event) => {
    if (event.type !== 'tokens/appended') return [];
    const added = lettersOf(event.tokens.texts.join('')).length;
    if (added === 0) return [];
    length += added;
    const state = states.find(({ letters }) => letters.length >= length);
    if (state === undefined)
      throw new Error(`The panel never had the first ${length} letters of the answer.`);
    return [state.atMs - startedMs - event.timeMs];
  });
}

function lettersOf(text: string): string {
  return text.replaceAll(/\P{L}/gu, '');
}
