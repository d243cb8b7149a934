import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProgressType } from 'vscode-languageserver/node';
import type { CompleteParams, CompleteResult, CompletionProgress } from '../../protocol/messages.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const source = [
  'class Account:',
  '    def __init__(self, owner, balance):',
  '        self.owner = owner',
  '        self.balance = balance',
  '',
  '    def withdraw(self, amount):',
  '        ',
  '',
  '    def deposit(self, amount):',
  '        self.balance += amount',
  '',
].join('\n');
const cursor = { line: 6, character: 8 };

let sidecar: SidecarProcess;
let fileCount = 0;

beforeAll(async () => {
  sidecar = await SidecarProcess.ready({ settings: { model: 'qwen2.5-coder-0.5b', contextTokens: 4096 } });
});
afterAll(() => sidecar[Symbol.asyncDispose]());

interface Followed {
  readonly uri: string;
  readonly progress: readonly CompletionProgress[];
  readonly result: Promise<CompleteResult>;
}

/** Opens a document and completes in it, following how far that is. */
async function follow(
  params: Partial<CompleteParams> = {},
  { text = source, onProgress = () => undefined }: { text?: string; onProgress?: (uri: string) => void } = {},
): Promise<Followed> {
  fileCount += 1;
  const uri = `file:///account${fileCount}.py`;
  const partialResultToken = `complete-${fileCount}`;
  await sidecar.open(uri, text);
  const progress: CompletionProgress[] = [];
  sidecar.connection.onProgress(
    new ProgressType<readonly CompletionProgress[]>(),
    partialResultToken,
    (batch) => {
      progress.push(...batch);
      onProgress(uri);
    },
  );
  // By hand: an automatic one has a time limit, and what it writes until then depends on the machine.
  const result = sidecar.request('entropane/complete', {
    textDocument: { uri },
    position: cursor,
    trigger: 'invoked',
    partialResultToken,
    ...params,
  });
  return { uri, progress, result };
}

function linesOf(progress: readonly CompletionProgress[]): readonly string[] {
  return progress.flatMap((part) => (part.type === 'lines' ? [part.item.text] : []));
}

/** Types below the cursor, so that the document is another one than was asked about. */
function typeElsewhere(uri: string): Promise<void> {
  return sidecar.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [
      { range: { start: { line: 10, character: 0 }, end: { line: 10, character: 0 } }, text: '#' },
    ],
  });
}

test('lines are reported while the rest is being written, and the whole begins with them', async () => {
  const { progress, result } = await follow();
  const { items, report } = await result;
  expect(report.suppressed).toBeNull();
  const lines = linesOf(progress);
  const whole = items[0]?.text ?? '';
  expect(whole).toContain('\n');
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(whole.startsWith(line)).toBe(true);
  const shownAt = progress.findIndex((part) => part.type === 'lines');
  const writtenAfter = progress.slice(shownAt + 1).filter((part) => part.type === 'written');
  expect(writtenAfter.length).toBeGreaterThan(0);
  expect(lines[0]?.length).toBeLessThan(whole.length);
});

test('a client that gives no token gets no progress', async () => {
  const { uri, result } = await follow();
  const followed = await result;
  const plain = await sidecar.request('entropane/complete', {
    textDocument: { uri },
    position: cursor,
    trigger: 'invoked',
  });
  expect(plain.items.map(({ text }) => text)).toEqual(followed.items.map(({ text }) => text));
});

test('an answer is sent for a document that has changed meanwhile only where it is wanted', async () => {
  let changes = 0;
  const change = (uri: string): void => {
    changes += 1;
    if (changes === 1) void typeElsewhere(uri);
  };
  const unwanted = await (await follow({}, { onProgress: change })).result;
  expect(unwanted.report.suppressed).toBe('stale');
  changes = 0;
  const wanted = await (await follow({ acceptsStale: true }, { onProgress: change })).result;
  expect(wanted.report.suppressed).toBeNull();
  expect(wanted.items).toHaveLength(1);
});

test('a text is completed as if it were in the document', async () => {
  const accepted = 'if amount > self.balance:';
  const { uri, result } = await follow({
    assumed: { range: { start: cursor, end: cursor }, text: accepted },
  });
  const followUp = await result;
  const lines = source.split('\n');
  const there = lines.with(6, `${lines[6] ?? ''}${accepted}`).join('\n');
  const written = await follow({ position: { line: 6, character: 8 + accepted.length } }, { text: there });
  const expected = await written.result;
  expect(followUp.items.map(({ text }) => text)).toEqual(expected.items.map(({ text }) => text));
  expect(followUp.items).toHaveLength(1);
  // The document itself is as it was.
  const after = await sidecar.request('entropane/complete', {
    textDocument: { uri },
    position: cursor,
    trigger: 'invoked',
  });
  expect(after.items[0]?.text).not.toBe(followUp.items[0]?.text);
  const spending = await sidecar.request('entropane/spending/show', null);
  expect(spending.tokensToday).toBeGreaterThan(0);
});
