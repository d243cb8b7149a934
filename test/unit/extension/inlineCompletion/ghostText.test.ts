import { beforeEach, describe, expect, it } from 'vitest';
import { unattendedMs } from '../../../../extension/inlineCompletion/ghostText.ts';
import { GhostRig, settle } from '../../../support/completion/ghostRig.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

let rig: GhostRig;
let desk: GhostRig['desk'];
let clock: GhostRig['clock'];
let longer: GhostRig['longer'];
let reports: GhostRig['reports'];
let ghost: GhostRig['ghost'];

beforeEach(() => {
  rig = new GhostRig();
  ({ desk, clock, longer, reports, ghost } = rig);
});

describe('first line first', () => {
  it('shows a line as soon as it has ended, and says when there is more', async () => {
    const editor = new TypingEditor('run(() => {\n  |\n});\n');
    const call = rig.call(editor);
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
    expect(await rig.call(editor).texts).toEqual(['first();\n  second();']);
    expect(desk.requests).toHaveLength(1);
  });

  it('keeps the line that is on display where the whole does not begin with it', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.endLine('first();');
    expect(await call.texts).toEqual(['first();']);
    desk.last.answer('other();\nsecond();');
    await settle();
    expect(longer).toEqual([]);
    expect(await rig.call(editor).texts).toEqual(['first();']);
  });

  it('keeps it, too, where the whole came to nothing', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    desk.last.answerNothing('breaksSyntax');
    await settle();
    expect(await rig.call(editor).texts).toEqual(['first();']);
  });

  it('goes on with the rest where the line was typed or accepted meanwhile', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.endLine('first();');
    await call.texts;
    editor.accept({ text: 'first();' });
    const next = rig.call(editor);
    await settle();
    expect(next.settled).toBeNull();
    desk.last.answer('first();\nsecond();');
    expect(await next.texts).toEqual(['\nsecond();']);
    expect(desk.requests).toHaveLength(1);
  });

  it('waits for all texts where the user asks by hand', async () => {
    const editor = new TypingEditor('run();\n|\n');
    const call = rig.call(editor, { trigger: 'invoked' });
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
    const first = rig.call(editor);
    await settle();
    desk.last.write('sum');
    first.cancel();
    editor.type('su');
    ghost.moved(editor.window);
    const second = rig.call(editor);
    expect(await first.texts).toBe('cancelled');
    desk.last.answer('sum(values);');
    expect(await second.texts).toEqual(['m(values);']);
    expect(desk.requests).toHaveLength(1);
    expect(desk.openCount).toBe(1);
  });

  it('fits brackets that close themselves', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.askAndCancel(editor);
    editor.type('sum(');
    const call = rig.call(editor);
    await settle();
    desk.last.answer('sum(values);');
    expect(await call.texts).toEqual(['values);']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is cancelled, and another made, as soon as something else is typed than it writes', async () => {
    const editor = new TypingEditor('const total = |\n');
    const first = rig.call(editor);
    await settle();
    desk.last.write('sum(');
    first.cancel();
    editor.type('max');
    const second = rig.call(editor);
    await settle();
    expect(desk.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    desk.last.answer('imum(values);');
    expect(await second.texts).toEqual(['imum(values);']);
  });

  it('is cancelled while a call waits for it that it turns out not to fit', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.askAndCancel(editor);
    editor.type('max');
    const call = rig.call(editor);
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
    await rig.askAndCancel(editor);
    editor.move(-10);
    ghost.moved(editor.window);
    expect(desk.openCount).toBe(0);
  });

  it('is cancelled when no call waits for it any longer', async () => {
    const editor = new TypingEditor('const total = |\n');
    const call = rig.call(editor);
    await settle();
    call.cancel();
    await settle();
    clock.advance(unattendedMs - 1);
    expect(desk.openCount).toBe(1);
    clock.advance(1);
    expect(desk.openCount).toBe(0);
  });

  it('is cancelled when the editor is left', async () => {
    rig.call(new TypingEditor('const total = |\n'));
    await settle();
    ghost.left();
    expect(desk.openCount).toBe(0);
  });

  it('that failed is asked for again', async () => {
    const editor = new TypingEditor('const total = |\n');
    const call = rig.call(editor);
    await settle();
    desk.last.answerNothing('failed');
    expect(await call.texts).toBe('failed');
    rig.call(editor);
    await settle();
    expect(desk.requests).toHaveLength(2);
  });
});

describe('what was computed', () => {
  it('is shown again after a character was deleted and typed again', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.show(editor, 'sum(values);');
    editor.backspace();
    await rig.askAndCancel(editor);
    const count = desk.requests.length;
    editor.type(' ');
    expect(await rig.call(editor).texts).toEqual(['sum(values);']);
    expect(desk.requests).toHaveLength(count);
  });

  it('is shown again where the cursor comes back, and after an accept was undone', async () => {
    const editor = new TypingEditor('const total = |\nnext;\n');
    await rig.show(editor, 'sum(values);');
    ghost.moved(new TypingEditor('const total = \nnext;|\n').window);
    expect(await rig.call(editor).texts).toEqual(['sum(values);']);
    const accepted = new TypingEditor('const total = |\nnext;\n').accept({ text: 'sum(values);' });
    ghost.moved(accepted.window);
    expect(await rig.call(new TypingEditor('const total = |\nnext;\n')).texts).toEqual(['sum(values);']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is followed through every key of it without the engine', async () => {
    const text = 'if (values.length > 0) {\n  return sum(values, [1, "a"]);\n}';
    const editor = new TypingEditor('|\r\n', { languageId: 'javascript' });
    await rig.show(editor, text);
    const keys = 'if (values.length > 0) {\nreturn sum(values, [1, "a"])';
    for (const key of keys) {
      editor.type(key);
      ghost.moved(editor.window);
      const call = rig.call(editor);
      await settle();
      expect(call.settled, editor.marked).toEqual([expect.any(String)]);
    }
    expect(editor.marked).toBe('if (values.length > 0) {\r\n  return sum(values, [1, "a"])|\r\n}\r\n');
    expect(await rig.call(editor).texts).toEqual([';']);
    expect(desk.requests).toHaveLength(1);
  });

  it('is followed through accepts by word and by line', async () => {
    const editor = new TypingEditor('|\n');
    await rig.show(editor, 'first(a, b);\nsecond(c);\nthird();');
    for (const part of ['first', '(a', ', b);', '\n', 'second(c);\n', 'third']) {
      editor.accept({ text: part });
      expect(await rig.call(editor).texts).toEqual([
        'first(a, b);\nsecond(c);\nthird();'.slice(editor.text.length - 1),
      ]);
    }
    expect(desk.requests).toHaveLength(1);
  });

  it('may be that there is nothing', async () => {
    const editor = new TypingEditor('done|\n');
    const call = rig.call(editor);
    await settle();
    desk.last.answerNothing('emptyCompletion');
    expect(await call.texts).toBe('emptyCompletion');
    expect(await rig.call(editor).texts).toBe('emptyCompletion');
    expect(desk.requests).toHaveLength(1);
  });

  it('counts no longer with another model', async () => {
    const editor = new TypingEditor('const total = |\n');
    await rig.show(editor, 'sum(values);');
    ghost.forget();
    rig.call(editor);
    await settle();
    expect(desk.requests).toHaveLength(2);
  });
});
