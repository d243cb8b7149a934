import { beforeEach, describe, expect, it } from 'vitest';
import { followUpDelayMs } from '../../../../extension/inlineCompletion/followUp.ts';
import { debounceMs, GhostRig, settle } from '../../../support/completion/ghostRig.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

let rig: GhostRig;
let desk: GhostRig['desk'];
let clock: GhostRig['clock'];
let longer: GhostRig['longer'];
let ghost: GhostRig['ghost'];

beforeEach(() => {
  rig = new GhostRig();
  ({ desk, clock, longer, ghost } = rig);
});

describe('a text that replaces what is not the same after all cursors', () => {
  it('is not shown, and the engine is asked for another', async () => {
    const editor = new TypingEditor('foo(|);\n');
    const first = rig.call(editor);
    await settle();
    desk.last.replace({ text: 'a, b);', replacedLength: 2 });
    expect(await first.texts).toEqual(['a, b);']);
    const second = rig.call(editor.type('a'), { fits: ({ replacedLength }) => replacedLength === 0 });
    await settle();
    clock.advance(debounceMs);
    await settle();
    expect(desk.requests).toHaveLength(2);
    desk.last.answer(', c');
    expect(await second.texts).toEqual([', c']);
  });
});

describe('a text that was rejected', () => {
  it('is not offered again at that place, nor where it was on display on the way', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.show(editor, 'sum(values);');
    editor.type('su');
    expect(await rig.call(editor).texts).toEqual(['m(values);']);
    editor.type('b');
    await rig.askAndCancel(editor);
    editor.backspace();
    expect(await rig.call(editor).texts).toBe('rejectedBefore');
    editor.backspace().backspace();
    expect(await rig.call(editor).texts).toBe('rejectedBefore');
  });

  it('is not offered when the engine writes it again', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.show(editor, 'sum(values);');
    ghost.moved(editor.type('x').window);
    ghost.moved(editor.backspace().window);
    const call = rig.call(editor);
    expect(await call.texts).toBe('rejectedBefore');
    expect(desk.requests).toHaveLength(1);
  });

  it('is offered elsewhere, and to a user who asks', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.show(editor, 'sum(values);');
    ghost.moved(editor.type('x').window);
    const call = rig.call(editor.backspace(), { trigger: 'invoked' });
    await settle();
    desk.last.answer('sum(values);');
    expect(await call.texts).toEqual(['sum(values);']);
    await rig.show(new TypingEditor('let other = |\n'), 'sum(values);');
  });

  it('is not one whose beginning was deleted, or that was left alone', async () => {
    const editor = new TypingEditor('const total = |\nnext;\n');
    await rig.show(editor, 'sum(values);');
    ghost.moved(editor.move(2).window);
    ghost.moved(editor.move(-2).window);
    ghost.moved(editor.backspace().window);
    expect(await rig.call(editor.type(' ')).texts).toEqual(['sum(values);']);
  });
});

describe('the follow-up', () => {
  it('is computed while its text is on display, and there when that is accepted', async () => {
    const editor = new TypingEditor('|\n');
    await rig.show(editor, 'first();');
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
    expect(await rig.call(editor).texts).toEqual(['\nsecond();']);
    expect(desk.requests).toHaveLength(2);
  });

  it('is joined where it is still under way, and shows its first line first', async () => {
    const editor = new TypingEditor('|\n');
    await rig.show(editor, 'first();');
    clock.advance(followUpDelayMs);
    editor.accept({ text: 'first();' });
    ghost.moved(editor.window);
    const call = rig.call(editor);
    await settle();
    desk.last.endLine('\nsecond();');
    expect(await call.texts).toEqual(['\nsecond();']);
    desk.last.answer('\nsecond();\nthird();');
    await settle();
    expect(longer).toHaveLength(1);
    expect(await rig.call(editor).texts).toEqual(['\nsecond();\nthird();']);
    expect(desk.requests).toHaveLength(2);
  });

  it('goes on while its text is typed, and ends with a key that does not fit', async () => {
    const editor = new TypingEditor('|\n');
    await rig.show(editor, 'first();');
    clock.advance(followUpDelayMs);
    for (const key of 'fir') await rig.call(editor.type(key)).texts;
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.type('e').window);
    expect(desk.last.signal.aborted).toBe(true);
  });

  it('never runs beside a request that is under way', async () => {
    const editor = new TypingEditor('|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    clock.advance(10 * followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
    desk.last.answer('first();');
    await settle();
    clock.advance(followUpDelayMs);
    expect(desk.requests).toHaveLength(2);
    rig.call(new TypingEditor('elsewhere|\n'));
    await settle();
    expect(desk.requests.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
  });

  it('is not computed for a first line whose other lines are at hand, where the editor does not ask for them', async () => {
    rig.isAskedAgain = false;
    const call = rig.call(new TypingEditor('run();\n|\n'));
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    desk.last.answer('first();\nsecond();');
    await settle();
    expect(longer).toHaveLength(1);
    clock.advance(10 * followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
  });

  it('is not computed while a question is answered', async () => {
    rig.isAnswering = true;
    await rig.show(new TypingEditor('|\n'), 'first();');
    clock.advance(10 * followUpDelayMs);
    expect(desk.requests).toHaveLength(1);
  });

  it('is not computed for a text that the user asked for by hand', async () => {
    const call = rig.call(new TypingEditor('|\n'), { trigger: 'invoked' });
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
    rig.call(editor.type('a'));
    await settle();
    expect(desk.requests).toHaveLength(1);
    ghost.left();
    clock.advance(200);
    ghost.keyTyped();
    rig.call(new TypingEditor('b|\n'));
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
    const call = rig.call(editor);
    await settle();
    desk.last.answer('ngth > 0');
    expect(await call.texts).toEqual(['ngth > 0']);
    expect(await rig.call(editor, {}, editor.selecting('length', 2)).texts).toEqual([' > 0']);
    expect(desk.requests).toHaveLength(1);
  });

  it('ends with its line: what is computed for its entry ends, too, and what follows that', async () => {
    const marked = 'total.le|\nnext;\n';
    const editor = new TypingEditor(marked);
    const call = rig.call(editor, {}, editor.selecting('length', 2));
    await settle();
    desk.last.answer(' > 0');
    expect(await call.texts).toEqual([' > 0']);
    clock.advance(followUpDelayMs);
    expect(desk.last.request.accepted).toEqual({ text: ' > 0', replacedLength: 0 });
    ghost.moved(editor.window);
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.move(3).window);
    expect(desk.last.signal.aborted).toBe(true);
    rig.call(editor, {}, new TypingEditor(marked).selecting('level', 2));
    clock.advance(debounceMs);
    await settle();
    expect(desk.last.signal.aborted).toBe(false);
    ghost.moved(editor.window);
    expect(desk.last.signal.aborted).toBe(true);
  });

  it('has another entry completed as if that were in the document, and rejects nothing', async () => {
    const editor = new TypingEditor('total.le|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.answer('ngth > 0');
    await call.texts;
    const other = rig.call(editor, {}, editor.selecting('level', 2));
    await settle();
    clock.advance(debounceMs);
    await settle();
    expect(desk.last.request.window).toMatchObject({ assumed: { text: 'level' } });
    // The cursor is where it was, which says nothing of the list.
    ghost.moved(editor.window);
    desk.last.answer(' === 1');
    expect(await other.texts).toEqual([' === 1']);
    expect(await rig.call(editor).texts).toEqual(['ngth > 0']);
  });
});
