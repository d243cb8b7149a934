import { beforeEach, describe, expect, it } from 'vitest';
import { type CursorWindow, isSamePlace } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import type { FlightResult } from '../../../../extension/inlineCompletion/flight.ts';
import { FollowUp, followUpDelayMs } from '../../../../extension/inlineCompletion/followUp.ts';
import { RequestDesk } from '../../../support/completion/requestDesk.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

let desk: RequestDesk;
let clock: ManualClock;
let isBusy: boolean;
let kept: { readonly window: CursorWindow; readonly result: FlightResult }[];
let followUp: FollowUp;

const shown = { text: 'f(a);', replacedLength: 0 };

beforeEach(() => {
  desk = new RequestDesk();
  clock = new ManualClock();
  isBusy = false;
  kept = [];
  followUp = new FollowUp({
    after: (delayMs, run) => clock.after(delayMs, run),
    isBusy: () => isBusy,
    isKnown: (window) => kept.some((one) => isSamePlace(one.window, window)),
    askAfter: ({ window, insertion }) =>
      desk.ask({ window, trigger: 'automatic', candidates: 1, accepted: insertion }),
    onEnded: (window, result) => kept.push({ window, result }),
  });
});

/** A display that has lasted. */
function display(editor: TypingEditor): void {
  followUp.displayed({ window: editor.window, insertion: shown });
  clock.advance(followUpDelayMs);
}

describe('the follow-up', () => {
  it('is kept for the place after the accepted text', async () => {
    const editor = new TypingEditor('|\nnext;\n');
    display(editor);
    desk.last.answer('g();');
    await followUp.flight?.ended;
    expect(kept.map(({ window }) => window.before)).toEqual(['f(a);']);
    expect(kept.map(({ window }) => window.after)).toEqual(['\nnext;\n']);
  });

  it('is not begun for a display that was short, or beside another request', () => {
    const editor = new TypingEditor('|\n');
    followUp.displayed({ window: editor.window, insertion: shown });
    clock.advance(followUpDelayMs - 1);
    followUp.moved(editor.type('x').window);
    clock.advance(followUpDelayMs);
    isBusy = true;
    display(new TypingEditor('|\n'));
    expect(desk.requests).toEqual([]);
  });

  it('is not begun again once it has ended, while its text is typed', async () => {
    const editor = new TypingEditor('|\n');
    display(editor);
    desk.last.answer('g();');
    await followUp.flight?.ended;
    for (const [index, key] of ['f', '(', 'a'].entries()) {
      followUp.moved(editor.type(key).window);
      // The editor closes the bracket.
      const rest = { text: shown.text.slice(index + 1), replacedLength: index > 0 ? 1 : 0 };
      followUp.displayed({ window: editor.window, insertion: rest });
      clock.advance(followUpDelayMs);
    }
    expect(desk.requests).toHaveLength(1);
  });

  it('is begun once, however far its text was typed', () => {
    const editor = new TypingEditor('|\n');
    display(editor);
    for (const key of 'f(a') {
      editor.type(key);
      followUp.moved(editor.window);
    }
    followUp.displayed({ window: editor.window, insertion: { text: ');', replacedLength: 1 } });
    clock.advance(followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
    expect(desk.openCount).toBe(1);
  });

  it('goes on after its text was accepted, and while what it writes is typed', () => {
    const editor = new TypingEditor('|\n');
    display(editor);
    desk.last.write('\ng()');
    followUp.moved(editor.accept(shown).window);
    followUp.moved(editor.type('\ng').window);
    expect(followUp.isRunning).toBe(true);
    followUp.moved(editor.type('x').window);
    expect(followUp.isRunning).toBe(false);
    expect(desk.openCount).toBe(0);
  });

  it('ends with a key that is not of its text, and where the cursor moves', () => {
    display(new TypingEditor('|\n'));
    followUp.moved(new TypingEditor('|\n').type('x').window);
    expect(desk.openCount).toBe(0);
    display(new TypingEditor('a|\n'));
    followUp.moved(new TypingEditor('|a\n').window);
    expect(desk.openCount).toBe(0);
    expect(kept).toEqual([]);
  });

  it('is the taker’s once it is given away', () => {
    display(new TypingEditor('|\n'));
    followUp.release();
    followUp.cancel();
    expect(desk.openCount).toBe(1);
  });
});
