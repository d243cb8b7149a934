import { describe, expect, it } from 'vitest';
import { Flight, insertionOf } from '../../../../extension/inlineCompletion/flight.ts';
import { type OpenRequest, RequestDesk } from '../../../support/completion/requestDesk.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

const marked = 'const total = |;\n';
const unhurried = new AbortController().signal;

function begin(at = marked): { readonly flight: Flight; readonly request: OpenRequest } {
  const desk = new RequestDesk();
  const { window } = new TypingEditor(at);
  const flight = new Flight(
    window,
    desk.ask({ window, trigger: 'automatic', candidates: 1, accepted: null }),
  );
  return { flight, request: desk.last };
}

const after = (keys: string) => new TypingEditor(marked).type(keys).window;

describe('a request in flight', () => {
  it('leaves open what it has not written yet, and says no to what it has written otherwise', () => {
    const { flight, request } = begin();
    expect(flight.answer(after('su'))).toBeNull();
    request.write('sum');
    expect(flight.answer(after('su'))).toBeNull();
    expect(flight.answer(after('sum(val'))).toBeNull();
    expect(flight.answer(after('max'))).toEqual({ type: 'misfit' });
  });

  it('leaves open what was typed over a bracket that the editor had closed', () => {
    const editor = new TypingEditor('const total = sum|;\n').type('(');
    const { window } = editor;
    const desk = new RequestDesk();
    const flight = new Flight(
      window,
      desk.ask({ window, trigger: 'automatic', candidates: 1, accepted: null }),
    );
    desk.last.write('a)');
    expect(flight.answer(editor.type('a').window)).toBeNull();
    const typedOver = editor.type(')').window;
    expect(typedOver.after).toBe(';\n');
    expect(flight.answer(typedOver)).toBeNull();
    expect(flight.answer(editor.type('.').window)).toBeNull();
    desk.last.write(' + b');
    expect(flight.answer(editor.window)).toEqual({ type: 'misfit' });
  });

  it('answers from lines that have ended, and then from the whole', async () => {
    const { flight, request } = begin();
    request.endLine('sum(a,');
    expect(flight.answer(after('sum'))).toEqual({
      type: 'offers',
      offers: [{ text: '(a,', replacedLength: 0 }],
    });
    request.answer('sum(a,\n  b)');
    await flight.ended;
    expect(flight.answer(after('sum'))).toEqual({
      type: 'offers',
      offers: [{ text: '(a,\n  b)', replacedLength: 0 }],
    });
  });

  it('keeps the lines before an answer that does not begin with them', async () => {
    const { flight, request } = begin();
    request.endLine('sum(a,');
    request.answer('max(a, b)');
    expect(await flight.ended).toMatchObject({ items: [{ text: 'sum(a,' }] });
  });

  it('reads items with the line ends of windows', () => {
    expect(insertionOf({ text: 'sum(a,\r\n  b)', replacedLength: 0, meanLogprob: -1 })).toEqual({
      text: 'sum(a,\n  b)',
      replacedLength: 0,
    });
  });

  it('has several who join it, each answered for where they are', async () => {
    const { flight, request } = begin();
    const joining = ['', 's', 'sum(', 'm'].map((keys) =>
      flight.join(after(keys), { isWhole: false, signal: unhurried }),
    );
    request.answer('sum(a)');
    const texts = (await Promise.all(joining)).map((answer) =>
      answer?.type === 'offers' ? answer.offers[0]?.text : answer?.type,
    );
    expect(texts).toEqual(['sum(a)', 'um(a)', 'a)', 'misfit']);
  });

  it('goes on when one who joined it leaves', async () => {
    const { flight, request } = begin();
    const abort = new AbortController();
    const joined = flight.join(after(''), { isWhole: false, signal: abort.signal });
    abort.abort();
    expect(await joined).toBeNull();
    expect(request.signal.aborted).toBe(false);
    flight.cancel();
    expect(request.signal.aborted).toBe(true);
    expect(flight.answer(after(''))).toEqual({ type: 'misfit' });
  });

  it('is not cancelled once it has ended', async () => {
    const { flight, request } = begin();
    request.answer('sum(a)');
    await flight.ended;
    flight.cancel();
    expect(flight.isCancelled).toBe(false);
    expect(request.signal.aborted).toBe(false);
  });

  it('says only at its own place that there is nothing', async () => {
    const { flight, request } = begin();
    request.answerNothing('emptyCompletion');
    await flight.ended;
    expect(flight.answer(after(''))).toEqual({ type: 'quiet', reason: 'emptyCompletion' });
    expect(flight.answer(after('s'))).toEqual({ type: 'misfit' });
  });
});
