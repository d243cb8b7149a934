import { describe, expect, test } from 'vitest';
import { ProgressType } from 'vscode-languageserver/node';
import type { EditParams } from '../../protocol/edit.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { withEdits } from '../../sidecar/edits/rangeEdits.ts';
import { pythonEdit } from '../support/edits/pythonEdit.ts';
import { type ContractPeer, contractPeer, failureOf } from '../support/sidecar/contractPeer.ts';

interface Scripted extends AsyncDisposable {
  readonly peer: ContractPeer;
  /** What the model was asked. */
  readonly prompts: readonly string[];
}

/** A server whose model always writes this. */
async function answering(answer: string, contextTokens = 4096): Promise<Scripted> {
  const prompts: string[] = [];
  const script = ({ text }: { readonly text: string }): string => {
    prompts.push(text);
    return answer;
  };
  const peer = await contractPeer(script, { contextTokens });
  await peer.initialize();
  await peer.whenHealth('ready');
  return { peer, prompts, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() };
}

const { document } = pythonEdit();

describe('an edit', () => {
  test('is the lines that change, in the line ends of the document, and streams its events', async () => {
    await using server = await answering(
      'Sure:\n```python\n    total = a + b\n    return total\n```\nThat adds.',
    );
    const events: TraceEvent[] = [];
    server.peer.connection.onProgress(new ProgressType<readonly TraceEvent[]>(), 'edit', (batch) => {
      events.push(...batch);
    });
    const asked = pythonEdit({ partialResultToken: 'edit' });
    const result = await server.peer.request('entropane/edit', asked);
    expect(result).toMatchObject({ noEdit: null, version: 7, reason: 'answered' });
    expect(result.edits).toEqual([
      {
        range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
        newText: '    total = a + b\r\n    return total\r\n',
      },
    ]);
    expect(withEdits(document.text, result.edits)).toBe(
      document.text.replace('    return a - b', '    total = a + b\r\n    return total'),
    );
    expect(events.at(0)).toMatchObject({ type: 'request/started', strategy: 'direct' });
    expect(events.at(0)).toMatchObject({ sampler: { temperature: 0 } });
    expect(events.at(-1)).toMatchObject({ type: 'request/finished', ledger: result.ledger });
    expect(server.prompts).toHaveLength(1);
  });

  test.each([
    ['A sum.', 'noCode'],
    ['```python\n    return a + b\n', 'cutOff'],
    ['```python\n    return a - b\n```', 'unchanged'],
  ])('has nothing to apply of %j', async (answer, noEdit) => {
    await using server = await answering(answer);
    const result = await server.peer.request('entropane/edit', pythonEdit());
    expect(result).toMatchObject({ edits: [], noEdit, text: answer });
  });

  test('books what it took', async () => {
    await using server = await answering('```python\n    return a + b\n```');
    const { ledger } = await server.peer.request('entropane/edit', pythonEdit());
    const { days } = await server.peer.request('entropane/spending/show', null);
    expect(days).toMatchObject([{ model: 'scripted', requests: 1, tokens: ledger.tokens }]);
  });
});

describe('what cannot be edited is refused before the model is asked:', () => {
  const long = 'x = 1\n'.repeat(5000);
  const lineRange = (start: number, end: number): EditParams['range'] => ({
    start: { line: start, character: 0 },
    end: { line: end, character: 0 },
  });

  // As a client without types may send them.
  test.each<[string, Record<string, unknown>]>([
    ['a kind that does not exist', { kind: 'mend' }],
    ['problems that are not a list', { diagnostics: {} }],
  ])('%s', async (_what, changes) => {
    await using server = await answering('```python\n    return a + b\n```');
    const sent = server.peer.connection.sendRequest('entropane/edit', { ...pythonEdit(), ...changes });
    expect((await failureOf(sent)).code).toBe('parameter.invalid');
    expect(server.prompts).toEqual([]);
  });

  test.each<[string, Partial<EditParams>, string]>([
    ['no instruction', { instruction: '' }, 'parameter.invalid'],
    ['a range outside of the document', { range: lineRange(1, 100) }, 'parameter.invalid'],
    [
      '5,000 lines',
      { document: { ...document, text: long }, range: lineRange(0, 5000) },
      'parameter.invalid',
    ],
    [
      'more than fits',
      { document: { ...document, text: long }, range: lineRange(0, 4000) },
      'context.exceeded',
    ],
    ['a strategy that thinks', { strategy: 'selfConsistency' }, 'parameter.invalid'],
    ['a model that is not there', { model: 'gone.gguf' }, 'model.missing'],
  ])('%s', async (_what, changes, code) => {
    await using server = await answering('```python\n    return a + b\n```');
    const failure = await failureOf(server.peer.request('entropane/edit', pythonEdit(changes)));
    expect(failure.code).toBe(code);
    expect(server.prompts).toEqual([]);
    // The server serves on.
    expect(await server.peer.request('entropane/edit', pythonEdit())).toMatchObject({ noEdit: null });
  });
});
