import { describe, expect, it } from 'vitest';
import { DocumentStore } from '../../../../sidecar/documents/documentStore.ts';

const uri = 'file:///a.py';

function opened(text: string): DocumentStore {
  const store = new DocumentStore();
  store.open({ uri, languageId: 'python', version: 1, text });
  return store;
}

describe('open documents', () => {
  it('follow incremental changes in order', () => {
    const store = opened('one\r\ntwo 😀\r\n');
    store.change(
      uri,
      [
        { range: { start: { line: 1, character: 4 }, end: { line: 1, character: 6 } }, text: '🚀!' },
        { range: { start: { line: 0, character: 3 }, end: { line: 1, character: 0 } }, text: ' ' },
      ],
      2,
    );
    expect(store.get(uri).getText()).toBe('one two 🚀!\r\n');
    expect(store.versionOf(uri)).toBe(2);
  });

  it('are unknown before they are opened and after they are closed', () => {
    const store = opened('x');
    store.close(uri);
    expect(store.versionOf(uri)).toBeNull();
    expect(() => store.get(uri)).toThrow(expect.objectContaining({ code: 'document.unknown' }));
  });
});
