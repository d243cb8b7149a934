import { beforeEach, describe, expect, it } from 'vitest';
import type { CursorWindow } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import { followUpDelayMs } from '../../../../extension/inlineCompletion/followUp.ts';
import {
  GhostText,
  type OfferOptions,
  unattendedMs,
} from '../../../../extension/inlineCompletion/ghostText.ts';
import type { CompletionReport } from '../../../../protocol/messages.ts';
import { RequestDesk } from '../../../support/completion/requestDesk.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

const debounceMs = 120;

let desk: RequestDesk;
let clock: ManualClock;
let longer: CursorWindow[];
/** Whether the editor can be made to ask again. */
let isAskedAgain: boolean;
let reports: CompletionReport[];
let ghost: GhostText;

beforeEach(() => {
  desk = new RequestDesk();
  clock = new ManualClock();
  longer = [];
  isAskedAgain = true;
  reports = [];
  ghost = new GhostText({
    ask: desk.ask,
    now: () => clock.now(),
    after: (delayMs, run) => clock.after(delayMs, run),
    onLonger: (window) => {
      longer.push(window);
      return isAskedAgain;
    },
    onReport: (report) => reports.push(report),
  });
});

/** A call of the editor. */
class Call {
  readonly #abort = new AbortController();
  readonly #answer: Promise<readonly string[] | string>;
  settled: readonly string[] | string | null = null;

  constructor(editor: TypingEditor, options: Partial<OfferOptions> = {}, window = editor.window) {
    const found = ghost.offer(window, {
      trigger: 'automatic',
      alternatives: 3,
      debounceMs,
      signal: this.#abort.signal,
      ...options,
    });
    this.#answer = found.then((answer) => {
      this.settled = typeof answer === 'string' ? answer : answer.offers.map(({ text }) => text);
      return this.settled;
    });
  }

  /** What the editor is given. */
  get texts(): Promise<readonly string[] | string> {
    return this.#answer;
  }

  /** As the editor does with the next key. */
  cancel(): void {
    this.#abort.abort();
  }
}

/** Lets everything run that is not waiting for anything. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A call that the next key cancels. */
async function askAndCancel(editor: TypingEditor): Promise<void> {
  const call = new Call(editor);
  await settle();
  call.cancel();
  await settle();
}

/** Shows a completion that the engine has answered with. */
async function show(editor: TypingEditor, ...texts: readonly string[]): Promise<void> {
  const call = new Call(editor);
  await settle();
  desk.last.answer(...texts);
  expect(await call.texts).toEqual(texts);
}

describe('first line first', () => {
  it('shows a line as soon as it has ended, and says when there is more', async () => {
    const editor = new TypingEditor('run(() => {\n  |\n});\n');
    const call = new Call(editor);
    await settle();
    desk.last.write('first');
    await settle();
    expect(call.settled).toBeNull();
    desk.last.endLine('first();');
    expect(await call.texts).toEqual(['first();']);
    expect(longer).toEqual([]);
    desk.last.answer('first();\n  second();');
    await settle();
    expect(longer).toHaveLength(1);
    expect(reports).toHaveLength(1);
    expect(await new Call(editor).texts).toEqual(['first();\n  second();']);
    expect(desk.requests).toHaveLength(1);
  });

  it('keeps the line that is on display where the whole does not begin with it', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = new Call(editor);
    await settle();
    desk.last.endLine('first();');
    expect(await call.texts).toEqual(['first();']);
    desk.last.answer('other();\nsecond();');
    await settle();
    expect(longer).toEqual([]);
    expect(await new Call(editor).texts).toEqual(['first();']);
  });

  it('keeps it, too, where the whole came to nothing', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = new Call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    desk.last.answerNothing('breaksSyntax');
    await settle();
    expect(await new Call(editor).texts).toEqual(['first();']);
  });

  it('goes on with the rest where the line was typed or accepted meanwhile', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = new Call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    editor.accept({ text: 'first();' });
    const next = new Call(editor);
    await settle();
    expect(next.settled).toBeNull();
    desk.last.answer('first();\nsecond();');
    expect(await next.texts).toEqual(['\nsecond();']);
    expect(desk.requests).toHaveLength(1);
  });

  it('waits for all texts where the user asks by hand', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = new Call(editor, { trigger: 'invoked' });
    await settle();
    expect(desk.last.request).toMatchObject({ trigger: 'invoked', candidates: 3 });
    desk.last.endLine('first();');
    await settle();
    expect(call.settled).toBeNull();
    desk.last.answer('first();', 'second();');
    expect(await call.texts).toEqual(['first();', 'second();']);
  });
});

describe('a request in flight', () => {
  it('lives on while what is typed fits, and is joined', async () => {
    const editor = new TypingEditor('const total = |\n');
    const first = new Call(editor);
    await settle();
    desk.last.write('sum');
    first.cancel();
    editor.type('su');
    ghost.moved(editor.window);
    const second = new Call(editor);
    expect(await first.texts).toBe('cancelled');
    desk.last.answer('sum(values);');
    expect(await second.texts).toEqual(['m(values);']);
    expect(desk.requests).toHaveLength(1);
    expect(desk.openCount).toBe(1);
  });

  it('fits brackets that close themselves', async () => {
    const editor = new TypingEditor('const total = |\n');
    await askAndCancel(editor);
    editor.type('sum(');
    const call = new Call(editor);
    await settle();
    desk.last.answer('sum(values);');
    expect(await call.texts).toEqual(['values);']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is cancelled, and another made, as soon as something else is typed than it writes', async () => {
    const editor = new TypingEditor('const total = |\n');
    const first = new Call(editor);
    await settle();
    desk.last.write('sum(');
    first.cancel();
    editor.type('max');
    const second = new Call(editor);
    await settle();
    expect(desk.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    desk.last.answer('imum(values);');
    expect(await second.texts).toEqual(['imum(values);']);
  });

  it('is cancelled while a call waits for it that it turns out not to fit', async () => {
    const editor = new TypingEditor('const total = |\n');
    await askAndCancel(editor);
    editor.type('max');
    const call = new Call(editor);
    await settle();
    expect(desk.requests).toHaveLength(1);
    desk.last.write('sum');
    await settle();
    expect(desk.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    desk.last.answer('(a, b)');
    expect(await call.texts).toEqual(['(a, b)']);
  });

  it('is cancelled when the cursor moves away', async () => {
    const editor = new TypingEditor('a;\nconst total = |\n');
    await askAndCancel(editor);
    editor.move(-10);
    ghost.moved(editor.window);
    expect(desk.openCount).toBe(0);
  });

  it('is cancelled when no call waits for it any longer', async () => {
    const editor = new TypingEditor('const total = |\n');
    const call = new Call(editor);
    await settle();
    call.cancel();
    await settle();
    clock.advance(unattendedMs - 1);
    expect(desk.openCount).toBe(1);
    clock.advance(1);
    expect(desk.openCount).toBe(0);
  });

  it('is cancelled when the editor is left', async () => {
    new Call(new TypingEditor('const total = |\n'));
    await settle();
    ghost.left();
    expect(desk.openCount).toBe(0);
  });

  it('that failed is asked for again', async () => {
    const editor = new TypingEditor('const total = |\n');
    const call = new Call(editor);
    await settle();
    desk.last.answerNothing('failed');
    expect(await call.texts).toBe('failed');
    new Call(editor);
    await settle();
    expect(desk.requests).toHaveLength(2);
  });
});

describe('what was computed', () => {
  it('is shown again after a character was deleted and typed again', async () => {
    const editor = new TypingEditor('const total = |\n');
    await show(editor, 'sum(values);');
    editor.backspace();
    await askAndCancel(editor);
    const count = desk.requests.length;
    editor.type(' ');
    expect(await new Call(editor).texts).toEqual(['sum(values);']);
    expect(desk.requests).toHaveLength(count);
  });

  it('is shown again where the cursor comes back, and after an accept was undone', async () => {
    const editor = new TypingEditor('const total = |\nnext;\n');
    await show(editor, 'sum(values);');
    ghost.moved(new TypingEditor('const total = \nnext;|\n').window);
    expect(await new Call(editor).texts).toEqual(['sum(values);']);
    const accepted = new TypingEditor('const total = |\nnext;\n').accept({ text: 'sum(values);' });
    ghost.moved(accepted.window);
    expect(await new Call(new TypingEditor('const total = |\nnext;\n')).texts).toEqual(['sum(values);']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is followed through every key of it without the engine', async () => {
    const text = 'if (values.length > 0) {\n  return sum(values, [1, "a"]);\n}';
    const editor = new TypingEditor('|\r\n', { languageId: 'javascript' });
    await show(editor, text);
    const keys = 'if (values.length > 0) {\nreturn sum(values, [1, "a"])';
    for (const key of keys) {
      editor.type(key);
      ghost.moved(editor.window);
      const call = new Call(editor);
      await settle();
      expect(call.settled, editor.marked).toEqual([expect.any(String)]);
    }
    expect(editor.marked).toBe('if (values.length > 0) {\r\n  return sum(values, [1, "a"])|\r\n}\r\n');
    expect(await new Call(editor).texts).toEqual([';']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is followed through accepts by word and by line', async () => {
    const editor = new TypingEditor('|\n');
    await show(editor, 'first(a, b);\nsecond(c);\nthird();');
    for (const part of ['first', '(a', ', b);', '\n', 'second(c);\n', 'third']) {
      editor.accept({ text: part });
      expect(await new Call(editor).texts).toEqual([
        'first(a, b);\nsecond(c);\nthird();'.slice(editor.text.length - 1),
      ]);
    }
    expect(desk.requests).toHaveLength(1);
  });

  it('may be that there is nothing', async () => {
    const editor = new TypingEditor('done|\n');
    const call = new Call(editor);
    await settle();
    desk.last.answerNothing('emptyCompletion');
    expect(await call.texts).toBe('emptyCompletion');
    expect(await new Call(editor).texts).toBe('emptyCompletion');
    expect(desk.requests).toHaveLength(1);
  });

  it('counts no longer with another model', async () => {
    const editor = new TypingEditor('const total = |\n');
    await show(editor, 'sum(values);');
    ghost.forget();
    new Call(editor);
    await settle();
    expect(desk.requests).toHaveLength(2);
  });
});

describe('a text that was rejected', () => {
  it('is not offered again at that place, nor where it was on display on the way', async () => {
    const editor = new TypingEditor('const total = |\n');
    await show(editor, 'sum(values);');
    editor.type('su');
    expect(await new Call(editor).texts).toEqual(['m(values);']);
    editor.type('b');
    await askAndCancel(editor);
    editor.backspace();
    expect(await new Call(editor).texts).toBe('rejectedBefore');
    editor.backspace().backspace();
    expect(await new Call(editor).texts).toBe('rejectedBefore');
  });

  it('is not offered when the engine writes it again', async () => {
    const editor = new TypingEditor('const total = |\n');
    await show(editor, 'sum(values);');
    ghost.moved(editor.type('x').window);
    ghost.moved(editor.backspace().window);
    const call = new Call(editor);
    expect(await call.texts).toBe('rejectedBefore');
    expect(desk.requests).toHaveLength(1);
  });

  it('is offered elsewhere, and to a user who asks', async () => {
    const editor = new TypingEditor('const total = |\n');
    await show(editor, 'sum(values);');
    ghost.moved(editor.type('x').window);
    const call = new Call(editor.backspace(), { trigger: 'invoked' });
    await settle();
    desk.last.answer('sum(values);');
    expect(await call.texts).toEqual(['sum(values);']);
    await show(new TypingEditor('let other = |\n'), 'sum(values);');
  });

  it('is not one whose beginning was deleted, or that was left alone', async () => {
    const editor = new TypingEditor('const total = |\nnext;\n');
    await show(editor, 'sum(values);');
    ghost.moved(editor.move(2).window);
    ghost.moved(editor.move(-2).window);
    ghost.moved(editor.backspace().window);
    expect(await new Call(editor.type(' ')).texts).toEqual(['sum(values);']);
  });
});

describe('the follow-up', () => {
  it('is computed while its text is on display, and there when that is accepted', async () => {
    const editor = new TypingEditor('|\n');
    await show(editor, 'first();');
    clock.advance(followUpDelayMs - 1);
    expect(desk.requests).toHaveLength(1);
    clock.advance(1);
    expect(desk.last.request).toMatchObject({
      trigger: 'automatic',
      accepted: { text: 'first();', replacedLength: 0 },
    });
    desk.last.answer('\nsecond();');
    await settle();
    editor.accept({ text: 'first();' });
    expect(await new Call(editor).texts).toEqual(['\nsecond();']);
    expect(desk.requests).toHaveLength(2);
  });

  it('is joined where it is still under way, and shows its first line first', async () => {
    const editor = new TypingEditor('|\n');
    await show(editor, 'first();');
    clock.advance(followUpDelayMs);
    editor.accept({ text: 'first();' });
    ghost.moved(editor.window);
    const call = new Call(editor);
    await settle();
    desk.last.endLine('\nsecond();');
    expect(await call.texts).toEqual(['\nsecond();']);
    desk.last.answer('\nsecond();\nthird();');
    await settle();
    expect(longer).toHaveLength(1);
    expect(await new Call(editor).texts).toEqual(['\nsecond();\nthird();']);
    expect(desk.requests).toHaveLength(2);
  });

  it('goes on while its text is typed, and ends with a key that does not fit', async () => {
    const editor = new TypingEditor('|\n');
    await show(editor, 'first();');
    clock.advance(followUpDelayMs);
    for (const key of 'fir') await new Call(editor.type(key)).texts;
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.type('e').window);
    expect(desk.last.signal.aborted).toBe(true);
  });

  it('never runs beside a request that is under way', async () => {
    const editor = new TypingEditor('|\n');
    const call = new Call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    clock.advance(10 * followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
    desk.last.answer('first();');
    await settle();
    clock.advance(followUpDelayMs);
    expect(desk.requests).toHaveLength(2);
    new Call(new TypingEditor('elsewhere|\n'));
    await settle();
    expect(desk.requests.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
  });

  it('is computed for a first line, too, where the editor does not ask for the rest', async () => {
    isAskedAgain = false;
    const call = new Call(new TypingEditor('run();\n|\n'));
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    desk.last.answer('first();\nsecond();');
    await settle();
    expect(longer).toHaveLength(1);
    clock.advance(followUpDelayMs);
    expect(desk.requests).toHaveLength(2);
    expect(desk.last.request.accepted).toEqual({ text: 'first();', replacedLength: 0 });
  });

  it('is not computed for a text that the user asked for by hand', async () => {
    const call = new Call(new TypingEditor('|\n'), { trigger: 'invoked' });
    await settle();
    desk.last.answer('first();');
    await call.texts;
    clock.advance(10 * followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
  });
});

describe('the wait before a request', () => {
  it('is none for the first key, and at most the setting in a run of keys', async () => {
    const editor = new TypingEditor('|\n');
    ghost.keyTyped();
    new Call(editor.type('a'));
    await settle();
    expect(desk.requests).toHaveLength(1);
    ghost.left();
    clock.advance(200);
    ghost.keyTyped();
    new Call(new TypingEditor('b|\n'));
    await settle();
    expect(desk.requests).toHaveLength(1);
    clock.advance(debounceMs);
    await settle();
    expect(desk.requests).toHaveLength(2);
  });
});

describe('the list of suggestions', () => {
  it('is followed by what was found before it opened, where its entry agrees', async () => {
    const editor = new TypingEditor('total.le|\n');
    const call = new Call(editor);
    await settle();
    desk.last.answer('ngth > 0');
    expect(await call.texts).toEqual(['ngth > 0']);
    expect(await new Call(editor, {}, editor.selecting('length', 2)).texts).toEqual([' > 0']);
    expect(desk.requests).toHaveLength(1);
  });

  it('ends with its line: what is computed for its entry ends, too, and what follows that', async () => {
    const marked = 'total.le|\nnext;\n';
    const editor = new TypingEditor(marked);
    const call = new Call(editor, {}, editor.selecting('length', 2));
    await settle();
    desk.last.answer(' > 0');
    expect(await call.texts).toEqual([' > 0']);
    clock.advance(followUpDelayMs);
    expect(desk.last.request.accepted).toEqual({ text: ' > 0', replacedLength: 0 });
    ghost.moved(editor.window);
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.move(3).window);
    expect(desk.last.signal.aborted).toBe(true);
    new Call(editor, {}, new TypingEditor(marked).selecting('level', 2));
    clock.advance(debounceMs);
    await settle();
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.window);
    expect(desk.last.signal.aborted).toBe(true);
  });

  it('has another entry completed as if that were in the document, and rejects nothing', async () => {
    const editor = new TypingEditor('total.le|\n');
    const call = new Call(editor);
    await settle();
    desk.last.answer('ngth > 0');
    await call.texts;
    const other = new Call(editor, {}, editor.selecting('level', 2));
    await settle();
    clock.advance(debounceMs);
    await settle();
    expect(desk.last.request.window).toMatchObject({ assumed: { text: 'level' } });
    // The cursor is where it was, which says nothing of the list.
    ghost.moved(editor.window);
    desk.last.answer(' === 1');
    expect(await other.texts).toEqual([' === 1']);
    expect(await new Call(editor).texts).toEqual(['ngth > 0']);
  });
});
