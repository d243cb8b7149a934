import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { parameterReaders, readInitializationOptions } from '../../../../sidecar/server/parameters.ts';

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (thrown) {
    return thrown instanceof CodedError ? thrown.code : 'other';
  }
}

describe('parameters', () => {
  it('leaves out what is absent, null or unknown', () => {
    const read = parameterReaders['entropane/ask'];
    expect(read({ question: 'Why?', seed: null, colour: 'red' })).toEqual({ question: 'Why?' });
  });

  it('keeps a null budget member, which means without bound', () => {
    const read = parameterReaders['entropane/ask'];
    expect(read({ question: 'Why?', budget: { generatedTokens: null } })).toEqual({
      question: 'Why?',
      budget: { generatedTokens: null },
    });
  });

  it('reads what a question says of a search over steps', () => {
    const params = { question: 'Why?', strategy: 'stepBeam', stepSearch: { maxSteps: 3, colour: 'red' } };
    expect(parameterReaders['entropane/ask'](params)).toEqual({ ...params, stepSearch: { maxSteps: 3 } });
  });

  it('reads what goes along with a question, and which one it follows', () => {
    const file = { languageId: 'python', path: 'a.py', text: 'x = 1' };
    const params = { question: 'Why?', attachments: [file], follows: 'r1' };
    const read = parameterReaders['entropane/ask'];
    expect(read({ ...params, attachments: [{ ...file, colour: 'red' }] })).toEqual(params);
    for (const attachments of ['a.py', { 0: file }, [file, null], [{ path: 'a.py' }]])
      expect(codeOf(() => read({ ...params, attachments }))).toBe('parameter.invalid');
  });

  it('reads the entry that is selected in a list of suggestions, and how the editor indents', () => {
    const position = { line: 1, character: 2 };
    const params = {
      textDocument: { uri: 'file:///a.ts' },
      position,
      trigger: 'automatic',
      assumed: { range: { start: { line: 1, character: 0 }, end: position }, text: 'length' },
      formatting: { tabSize: 8, insertSpaces: false },
    };
    const read = parameterReaders['entropane/complete'];
    expect(read(params)).toEqual(params);
    const formatting = { tabSize: 0, insertSpaces: true };
    expect(codeOf(() => read({ ...params, formatting }))).toBe('parameter.invalid');
    expect(codeOf(() => read({ ...params, assumed: { text: 'length' } }))).toBe('parameter.invalid');
  });

  it.each([
    ['no object', 'Why?'],
    ['a search without steps', { question: '', stepSearch: { maxSteps: 0 } }],
    ['more next steps than there may be', { question: '', stepSearch: { stepChildren: 9 } }],
    ['a missing question', {}],
    ['a fraction of a candidate', { question: '', candidates: 1.5 }],
    ['a negative seed', { question: '', seed: -1 }],
    ['a strategy that does not exist', { question: '', strategy: 'guess' }],
    ['a temperature that is no number', { question: '', temperature: Number.NaN }],
  ])('refuses %s', (_what, params) => {
    expect(codeOf(() => parameterReaders['entropane/ask'](params))).toBe('parameter.invalid');
  });

  it('reads servers, and shows no key that is of another kind', () => {
    const server = { address: 'http://127.0.0.1:8080', key: 'sk-1' };
    expect(readInitializationOptions({ servers: [server] })).toEqual({ servers: [server] });
    for (const key of [['sk-1'], { is: 'sk-1' }, '']) {
      const read = () => readInitializationOptions({ servers: [{ ...server, key }] });
      expect(codeOf(read)).toBe('parameter.invalid');
      expect(read).not.toThrow(/sk-1/);
    }
  });

  it('refuses or reads whatever comes over the wire, and never breaks', () => {
    const methods = Object.values(parameterReaders);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const read of [...methods, readInitializationOptions]) {
          expect([null, 'parameter.invalid']).toContain(codeOf(() => read(value)));
        }
      }),
    );
  });
});
