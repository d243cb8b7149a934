import { describe, expect, it } from 'vitest';
import { askedPlace } from '../../../../extension/commands/askedPlace.ts';

const text = 'one\ntwo\nthree\n';
const document = { path: 'a.txt', text };

describe('the place that a question was about', () => {
  it('is where its code is by now', () => {
    const moved = { ...document, text: `zero\n${text}` };
    expect(askedPlace(moved, [{ path: 'a.txt', text: 'two' }])).toEqual({ type: 'found', start: 9, end: 12 });
  });

  it('is that of the selection where the whole file went along, too, and was changed since', () => {
    const changed = { ...document, text: `zero\n${text}` };
    const attachments = [
      { path: 'a.txt', text },
      { path: 'a.txt', text: 'two' },
    ];
    expect(askedPlace(changed, attachments)).toEqual({ type: 'found', start: 9, end: 12 });
  });

  it.each([
    ['nothing went along', []],
    ['another file did', [{ path: 'b.txt', text: 'two' }]],
    ['all of it did', [{ path: 'a.txt', text }]],
    ['blanks did', [{ path: 'a.txt', text: '\n' }]],
  ])('is none where %s', (_what, attachments) => {
    expect(askedPlace(document, attachments)).toEqual({ type: 'notAsked' });
  });

  it('is lost where its code was changed, or is there several times', () => {
    const attachments = [{ path: 'a.txt', text: 'two' }];
    expect(askedPlace({ ...document, text: 'one\n' }, attachments)).toEqual({ type: 'lost', why: 'changed' });
    expect(askedPlace({ ...document, text: text + text }, attachments)).toEqual({
      type: 'lost',
      why: 'ambiguous',
    });
  });
});
