import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { CompleteResult, CompletionItem } from '../../protocol/messages.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

/** The same texts; decode calls of another size add up in another order, so likelihoods differ in their last digits. */
function asLikely(items: readonly CompletionItem[]): unknown {
  return items.map(({ text, replacedLength, meanLogprob }) => ({
    text,
    replacedLength,
    meanLogprob: expect.closeTo(meanLogprob, 1) as number,
  }));
}

const source = [
  'def fibonacci(count):',
  '    """Return the first Fibonacci numbers."""',
  '    numbers = [0, 1]',
  '    while len(numbers) < count:',
  '        ',
  '    return numbers[:count]',
  '',
].join('\n');

describe('completing on the default model', () => {
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    sidecar = await SidecarProcess.ready({ settings: { model: 'qwen2.5-coder-0.5b', contextTokens: 4096 } });
  });
  afterAll(() => sidecar[Symbol.asyncDispose]());

  function complete(uri: string, line: number, character: number, candidates = 1): Promise<CompleteResult> {
    return sidecar.request('entropane/complete', {
      textDocument: { uri },
      position: { line, character },
      trigger: 'invoked',
      candidates,
    });
  }

  test('offers text that fits the block, the same each time, and finds its prompt in the cache', async () => {
    const uri = 'file:///fibonacci.py';
    await sidecar.open(uri, source);
    const first = await complete(uri, 4, 8);
    expect(first.report.suppressed).toBeNull();
    expect(first.items).toHaveLength(1);
    expect(first.items[0]?.text).not.toContain('return numbers');
    const again = await complete(uri, 4, 8);
    expect(again.items).toEqual(asLikely(first.items));
    expect(again.report.cachedTokenCount).toBeGreaterThan(0.9 * again.report.promptTokenCount);
  });

  test('reads only what was typed since', async () => {
    const uri = 'file:///typed.py';
    await sidecar.open(uri, source);
    await complete(uri, 4, 8);
    await sidecar.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start: { line: 4, character: 8 }, end: { line: 4, character: 8 } }, text: 'numbers.' },
      ],
    });
    const { report } = await complete(uri, 4, 16);
    expect(report.promptTokenCount - report.cachedTokenCount).toBeLessThan(12);
  });

  test('asks with a short prompt at a new place, until the rest was read between two requests', async () => {
    const uri = 'file:///jump.py';
    const text = Array.from(
      { length: 120 },
      (_, i) => `def double${i}(number):\n    return number * ${i}\n`,
    ).join('');
    await sidecar.open(uri, text);
    const ask = async (): Promise<number> => {
      const place = { textDocument: { uri }, position: { line: 160, character: 0 } };
      const params = { ...place, trigger: 'automatic', maxTokens: 1 } as const;
      return (await sidecar.request('entropane/complete', params)).report.promptTokenCount;
    };
    const first = await ask();
    expect(first).toBeGreaterThan(60);
    // However fast the machine is, there is no length between the two.
    const whole = await vi.waitFor(
      async () => {
        const length = await ask();
        if (length === first && first < 800) throw new Error('The rest was not read yet.');
        return length;
      },
      // The time between two requests is what the rest is read in.
      { timeout: 200_000, interval: 5_000 },
    );
    expect(whole).toBeGreaterThan(800);
  });

  test('offers alternatives without doubles, the greedy one first', async () => {
    const uri = 'file:///alternatives.py';
    await sidecar.open(uri, source);
    const greedy = await complete(uri, 4, 8);
    const { items } = await complete(uri, 4, 8, 4);
    expect(items.slice(0, 1)).toEqual(asLikely(greedy.items));
    expect(new Set(items.map((item) => item.text)).size).toBe(items.length);
  });

  test('goes on after a selected entry as if it were in the document', async () => {
    const [written, typed] = ['file:///written.py', 'file:///selected.py'];
    await sidecar.open(written, source.replace('        \n', '        numbers.append\n'));
    await sidecar.open(typed, source.replace('        \n', '        numbers.AP\n'));
    const { items } = await complete(written, 4, 22);
    const position = { line: 4, character: 18 };
    const range = { start: { line: 4, character: 16 }, end: position };
    const found = await sidecar.request('entropane/complete', {
      textDocument: { uri: typed },
      position,
      trigger: 'invoked',
      assumed: { range, text: 'append' },
    });
    expect(items).toHaveLength(1);
    expect(items[0]?.text).toMatch(/^\(/);
    expect(found.items).toEqual(asLikely(items));
    // The prompt is that of the document with the entry, which was read just now.
    expect(found.report.cachedTokenCount).toBeGreaterThan(0.9 * found.report.promptTokenCount);
  });

  test('writes blocks in tabs where the document has tabs', async () => {
    const uri = 'file:///tabbed.py';
    const tabbed = source.replaceAll('    ', '\t').replace('\t\t\n', '');
    await sidecar.open(uri, `${tabbed}\n\ndef factorial(n):\n\tif n == 0:\n`);
    const { items } = await sidecar.request('entropane/complete', {
      textDocument: { uri },
      position: { line: 8, character: 11 },
      trigger: 'invoked',
      multiline: 'always',
    });
    expect(items.length).toBe(1);
    expect(items[0]?.text).toMatch(/^\n\t\t\S/);
    for (const { text } of items) expect(text).not.toMatch(/^\t* +\S/m);
  });

  test('keeps the line ends of a CRLF document', async () => {
    const uri = 'file:///crlf.py';
    await sidecar.open(uri, source.replaceAll('\n', '\r\n'));
    const { items } = await complete(uri, 4, 8, 3);
    expect(items.length).toBeGreaterThan(0);
    for (const { text } of items) expect(text).not.toMatch(/(?<!\r)\n/);
  });

  test('copes with tabs, an emoji cut in half, and two megabytes in one line', async () => {
    await sidecar.open('file:///tabs.go', 'func add(a int, b int) int {\n\t\n}\n');
    expect((await complete('file:///tabs.go', 1, 1)).report.suppressed).toBeNull();
    await sidecar.open('file:///emoji.py', 'face = "😀"\n');
    expect((await complete('file:///emoji.py', 0, 9)).report.suppressed).toBe('insideCharacter');
    const line = `data = [${'1234567, '.repeat(230_000)}`;
    await sidecar.open('file:///long.py', line);
    const { report } = await complete('file:///long.py', 0, line.length);
    expect(report.promptTokenCount).toBeGreaterThan(0);
    expect(report.promptTokenCount).toBeLessThan(1100);
  });

  test('a completion comes between the tokens of a question that is being answered', async () => {
    const uri = 'file:///between.py';
    await sidecar.open(uri, source);
    const asked = sidecar.ask({ question: 'Explain recursion at length.', strategy: 'direct' });
    await asked.whenEvent('tokens/appended');
    const { report } = await complete(uri, 4, 8);
    expect(report.suppressed).toBeNull();
    const isStillRunning = !asked.events.some((event) => event.type === 'request/finished');
    expect(isStillRunning).toBe(true);
    asked.cancellation.cancel();
    expect(await asked.result).toMatchObject({ reason: 'cancelled' });
  });

  test('ends within its long prompt when the client cancels', async () => {
    const uri = 'file:///cancelled.py';
    await sidecar.open(
      uri,
      `${Array.from({ length: 400 }, (_, i) => `value_${i} = ${i * 7919}\n`).join('')}x = `,
    );
    const cancellation = new CancellationTokenSource();
    const completing = sidecar.connection.sendRequest<CompleteResult>(
      'entropane/complete',
      { textDocument: { uri }, position: { line: 400, character: 4 }, trigger: 'automatic' },
      cancellation.token,
    );
    await sidecar.request('entropane/health/get', null);
    cancellation.cancel();
    const { items, report } = await sidecar.within(30_000, completing, 'the cancelled completion');
    expect({ items, suppressed: report.suppressed }).toEqual({ items: [], suppressed: 'cancelled' });
  });

  async function tracedTitles(kind: 'ask' | 'completion'): Promise<readonly string[]> {
    const traces = await sidecar.request('entropane/traces/list', null);
    return traces.filter((trace) => trace.kind === kind).map(({ title }) => title);
  }

  /** Completes a document of a few tokens by a few more. */
  async function completeShortly(character: number): Promise<void> {
    const uri = 'file:///short.py';
    await sidecar.open(uri, 'a = 1\n');
    const position = { line: 0, character };
    const { report } = await sidecar.request('entropane/complete', {
      textDocument: { uri },
      position,
      trigger: 'invoked',
      maxTokens: 4,
    });
    expect(report.requestId).not.toBeNull();
  }

  test('a cancelled completion leaves no trace, and one that ends does', async () => {
    const uri = 'file:///left.py';
    await sidecar.open(
      uri,
      `${Array.from({ length: 400 }, (_, i) => `left_${i} = ${i * 6007}\n`).join('')}y = `,
    );
    const cancellation = new CancellationTokenSource();
    const completing = sidecar.connection.sendRequest<CompleteResult>(
      'entropane/complete',
      { textDocument: { uri }, position: { line: 400, character: 4 }, trigger: 'automatic' },
      cancellation.token,
    );
    // The sidecar answers in order, so it has begun by now.
    await sidecar.request('entropane/ping', null);
    cancellation.cancel();
    const { report } = await completing;
    expect(report.suppressed).toBe('cancelled');
    expect(report.requestId).not.toBeNull();
    expect(await tracedTitles('completion')).not.toContain('left.py:401:5');
    await completeShortly(1);
    expect(await tracedTitles('completion')).toContain('short.py:1:2');
  });

  test('completions take the place of no question among the kept traces', async () => {
    const settings = { traceFileLimit: 1, completionTraceFileLimit: 2 };
    await sidecar.connection.sendNotification('entropane/settings/changed', settings);
    const budget = { answerTokensPerCandidate: 4 };
    await sidecar.ask({ question: 'How many legs has a cat?', strategy: 'direct', budget }).result;
    for (const character of [0, 2, 4]) await completeShortly(character);
    await vi.waitFor(async () => {
      expect(await tracedTitles('completion')).toEqual(['short.py:1:5', 'short.py:1:3']);
    }, 30_000);
    expect(await tracedTitles('ask')).toEqual(['How many legs has a cat?']);
  });
});
