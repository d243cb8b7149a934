import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ErrorCodes, LSPErrorCodes } from 'vscode-languageserver/node';
import { generatedTokenCount } from '../../protocol/budget.ts';
import type { NotificationMethod, RequestMethod } from '../../protocol/messages.ts';
import { hostOf } from '../../protocol/serverAddress.ts';
import { pythonEdit } from '../support/edits/pythonEdit.ts';
import { contractPeer, type ContractPeer, failureOf } from '../support/sidecar/contractPeer.ts';
import { StubServer } from '../support/server/stubServer.ts';
import { openSource, place, script, uri } from '../support/sidecar/sumSource.ts';

/** One exchange for every request there is; the type refuses a list that lacks one. */
const exchanges: { readonly [M in RequestMethod]: (peer: ContractPeer) => Promise<void> } = {
  'entropane/ask': async (peer) => {
    const asked = peer.ask({
      question: 'How many legs do three cats have?',
      strategy: 'chainOfThought',
      seed: 5,
    });
    const result = await asked.result;
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
    expect(asked.events.map((event) => event.seq)).toEqual(asked.events.map((_, index) => index));
    expect(asked.events.at(0)).toMatchObject({
      type: 'request/started',
      seed: 5,
      requestId: result.requestId,
    });
    expect(asked.events.at(-1)).toMatchObject({ type: 'request/finished', ledger: result.ledger });
  },
  'entropane/difficulty': async (peer) => {
    const question = 'How many legs do three cats have?';
    const { report, ledger } = await peer.request('entropane/difficulty', { question });
    expect(report).toMatchObject({ model: 'scripted', source: 'entropyRule', probabilities: null });
    expect(generatedTokenCount(ledger)).toBeGreaterThan(0);
    const unread = await peer.request('entropane/difficulty', { question, budget: { generatedTokens: 0 } });
    expect(unread).toMatchObject({ report: null, ledger: { tokens: { prompt: 0 } } });
    expect(await peer.request('entropane/traces/list', null)).toEqual([]);
    const small = path.join(peer.storePath, 'models', 'small.gguf');
    await writeFile(small, 'another');
    expect(await peer.request('entropane/difficulty', { question, model: small })).toMatchObject({
      report: { difficulty: report?.difficulty },
    });
    const asked = peer.ask({ question, strategy: 'chainOfThought', route: [small] });
    await asked.result;
    // The log says which model answers, and why.
    expect(asked.events.find(({ type }) => type === 'decision/made')).toMatchObject({ kind: 'modelRouted' });
    const both = peer.ask({ question, model: small, route: [small] });
    expect(await failureOf(both.result)).toMatchObject({ code: 'parameter.invalid' });
  },
  'entropane/edit': async (peer) => {
    const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
    const result = await peer.request('entropane/edit', pythonEdit({ range, seed: 3 }));
    // What the script says has no code; edits.test.ts has answers with some.
    expect(result).toMatchObject({ model: 'scripted', version: 7, edits: [], noEdit: 'noCode' });
    const events = await peer.request('entropane/traces/read', { requestId: result.requestId });
    expect(events.at(0)).toMatchObject({ title: 'Edit sums.py, lines 2 to 2: Add the two.', seed: 3 });
  },
  'entropane/steer': async (peer) => {
    const unknown = { requestId: 'no-such-request', action: 'stop' } as const;
    expect(await peer.request('entropane/steer', unknown)).toEqual({ accepted: false });
  },
  'entropane/complete': async (peer) => {
    await openSource(peer);
    const { items, report } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect(items.map((item) => item.text)).toEqual(['sum(x)']);
    expect(report).toMatchObject({ suppressed: null, cachedTokenCount: 0 });
    expect(report.generatedTokenCount).toBeGreaterThan(0);
    const { items: next } = await peer.request('entropane/complete', {
      ...place,
      trigger: 'invoked',
      assumed: { range: { start: place.position, end: place.position }, text: 'sum(x)' },
    });
    expect(next.map((item) => item.text)).not.toContain('sum(x)');
    const range = { start: place.position, end: { line: 0, character: -1 } };
    const refused = { ...place, trigger: 'invoked', assumed: { range, text: 'sum(x)' } } as const;
    expect(await failureOf(peer.request('entropane/complete', refused))).toMatchObject({
      code: 'parameter.invalid',
    });
  },
  'entropane/ping': async (peer) => {
    expect(await peer.request('entropane/ping', null)).toBeNull();
  },
  'entropane/health/get': async (peer) => {
    expect(await peer.request('entropane/health/get', null)).toMatchObject({
      state: 'ready',
      backend: 'script',
    });
  },
  'entropane/doctor': async (peer) => {
    const { findings } = await peer.request('entropane/doctor', null);
    expect(findings).toEqual([{ subject: 'health', status: 'ok', detail: 'ready', remedy: null }]);
  },
  'entropane/spending/show': async (peer) => {
    const { result } = peer.ask({ question: 'How many?', strategy: 'direct' });
    const { ledger } = await result;
    const { days, tokensToday, tokensPerDay } = await peer.request('entropane/spending/show', null);
    expect(days).toMatchObject([{ model: 'scripted', requests: 1, tokens: ledger.tokens }]);
    expect([tokensToday, tokensPerDay]).toEqual([ledger.tokens.answer, null]);
  },
  'entropane/spending/reset': async (peer) => {
    await peer.ask({ question: 'How many?', strategy: 'direct' }).result;
    expect(await peer.request('entropane/spending/reset', null)).toMatchObject({ days: [], tokensToday: 0 });
  },
  'entropane/models/list': async (peer) => {
    const models = await peer.request('entropane/models/list', null);
    expect(models.map((model) => model.name)).toContain('qwen2.5-coder-0.5b');
    const serving = { name: 'scripted.gguf', path: peer.modelPath, roles: ['questions', 'completions'] };
    expect(models).toContainEqual(expect.objectContaining({ ...serving, state: 'ready' }));
  },
  // One that succeeds needs a hub: modelFetch.test.ts.
  'entropane/models/fetch': async (peer) => {
    const failure = await failureOf(peer.request('entropane/models/fetch', { model: 'no-such-model' }));
    expect(failure).toEqual({ lspCode: ErrorCodes.InvalidParams, code: 'parameter.invalid' });
  },
  'entropane/models/choose': async (peer) => {
    const other = path.join(peer.storePath, 'models', 'other.gguf');
    await writeFile(other, 'another');
    const health = await peer.request('entropane/models/choose', { model: other });
    expect(health).toMatchObject({ state: 'ready', modelName: 'other.gguf' });
    const missing = await failureOf(peer.request('entropane/models/choose', { model: 'gone.gguf' }));
    expect(missing).toEqual({ lspCode: LSPErrorCodes.RequestFailed, code: 'model.missing' });
    expect(await peer.request('entropane/health/get', null)).toMatchObject({ state: 'ready' });
  },
  'entropane/models/remove': async (peer) => {
    expect(await peer.request('entropane/models/remove', { model: 'scripted.gguf' })).toBeNull();
    await expect(stat(peer.modelPath)).rejects.toThrow();
    await peer.whenHealth('noModel');
  },
  'entropane/servers/look': async (peer) => {
    await using stub = await StubServer.start({ kind: 'vllm', modelName: 'team/coder', key: 'sk-1' });
    const { address } = stub;
    expect(await peer.request('entropane/servers/look', { address, key: 'sk-1' })).toEqual({
      software: 'vLLM',
      models: [{ name: 'team/coder', contextTokens: stub.model.contextTokens }],
    });
    // It was sent no prompt.
    expect(stub.requests.filter(({ body }) => Object.keys(body).length > 0)).toEqual([]);
    expect(await failureOf(peer.request('entropane/servers/look', { address }))).toMatchObject({
      code: 'server.refused',
    });
    const none = peer.request('entropane/servers/look', { address: 'gpu-box' });
    expect(await failureOf(none)).toMatchObject({ code: 'parameter.invalid' });
  },
  'entropane/memory/read': async (peer) => {
    expect(await peer.request('entropane/memory/read', null)).toEqual([]);
    // Never without being told to.
    await peer.ask({ question: 'Why?' }).result;
    expect(await peer.request('entropane/memory/read', null)).toEqual([]);
    await peer.ask({ question: 'Why?', strategyMemory: true }).result;
    const [problem] = await peer.request('entropane/memory/read', null);
    expect(problem?.signature).toMatch(/^prose, short, /);
    expect(problem?.strategies.length).toBeGreaterThan(0);
  },
  'entropane/memory/clear': async (peer) => {
    await peer.ask({ question: 'Why?', strategyMemory: true }).result;
    expect(await peer.request('entropane/memory/clear', null)).toBeNull();
    expect(await peer.request('entropane/memory/read', null)).toEqual([]);
  },
  'entropane/traces/list': async (peer) => {
    const { requestId, tracePath } = await peer.ask({ question: 'Why?' }).result;
    const [trace] = await peer.request('entropane/traces/list', null);
    expect(trace).toMatchObject({ requestId, kind: 'ask', title: 'Why?', path: tracePath });
  },
  'entropane/traces/read': async (peer) => {
    const asked = peer.ask({ question: 'Why?' });
    const { requestId } = await asked.result;
    expect(await peer.request('entropane/traces/read', { requestId })).toEqual(asked.events);
    const escape = { requestId: '../models/scripted' };
    expect(await failureOf(peer.request('entropane/traces/read', escape))).toMatchObject({
      code: 'request.unknown',
    });
  },
  'entropane/traces/export': async (peer) => {
    const views = path.join(peer.storePath, 'views');
    await mkdir(views);
    await writeFile(path.join(views, 'replay.js'), 'void 0;');
    await writeFile(path.join(views, 'replay.css'), 'body {}');
    const { requestId } = await peer.ask({ question: 'Why <b>so</b>?' }).result;
    const outputPath = path.join(peer.storePath, 'out.html');
    expect(await peer.request('entropane/traces/export', { requestId, outputPath })).toEqual({
      path: outputPath,
    });
    expect(await readFile(outputPath, 'utf8')).toContain('Why &lt;b&gt;so');
  },
};

describe('requests', () => {
  test.each(Object.entries(exchanges))('%s', async (_method, exchange) => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    await peer.whenHealth('ready');
    await exchange(peer);
  });
});

/** One occasion for every notification there is. */
const occasions: { readonly [M in NotificationMethod]: (peer: ContractPeer) => Promise<void> } = {
  'entropane/health/changed': async (peer) => {
    await peer.whenHealth('ready');
    expect(peer.healths.map((health) => health.state)).toEqual(['loading', 'ready']);
  },
  'entropane/completion/finished': async (peer) => {
    await openSource(peer);
    const { report } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect(peer.reports).toEqual([report]);
  },
  'entropane/settings/changed': async (peer) => {
    await peer.whenHealth('ready');
    const other = path.join(peer.storePath, 'models', 'other.gguf');
    await writeFile(other, 'another');
    await peer.connection.sendNotification('entropane/settings/changed', { model: other });
    await peer.whenHealth('loading');
    await peer.whenHealth('ready');
    expect(peer.healths.at(-1)).toMatchObject({ modelName: 'other.gguf' });
  },
  'entropane/servers/changed': async (peer) => {
    await peer.whenHealth('ready');
    await using stub = await StubServer.start({ modelName: 'coder', key: 'sk-1' });
    await peer.connection.sendNotification('entropane/settings/changed', { model: `${stub.address}#coder` });
    await peer.whenHealth('failed');
    expect(peer.healths.at(-1)).toMatchObject({ error: { code: 'server.unknown' } });
    expect(stub.requests).toEqual([]);
    await peer.connection.sendNotification('entropane/servers/changed', {
      servers: [{ address: `${stub.address}/v1`, key: 'sk-1' }],
    });
    await peer.whenHealth('ready');
    expect(peer.healths.at(-1)).toMatchObject({ modelName: `coder at ${hostOf(stub.address)}` });
    expect(JSON.stringify([peer.healths, peer.logLines])).not.toContain('sk-1');
    await peer.connection.sendNotification('entropane/servers/changed', { servers: [] });
    await peer.whenHealth('failed');
    expect(peer.healths.at(-1)).toMatchObject({ error: { code: 'server.unknown' } });
  },
  'entropane/context/offered': async (peer) => {
    await openSource(peer);
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 8 } };
    const offer = { uri: 'file:///other.ts', version: 1, range, text: 'other();', reason: 'saved' } as const;
    await peer.connection.sendNotification('entropane/context/offered', {
      ...offer,
      at: '2026-01-01T00:00:00Z',
    });
    // One that is not as described is dropped, and what comes after it is served.
    await peer.connection.sendNotification('entropane/context/offered', { ...offer, reason: 'guessed' });
    const { items } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect(items).not.toEqual([]);
  },
};

describe('notifications', () => {
  test.each(Object.entries(occasions))('%s', async (_method, occasion) => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    await occasion(peer);
  });
});

describe('plain LSP', () => {
  test('says what it can do, and leaves inline completion to a client that asks itself', async () => {
    await using peer = await contractPeer(script);
    expect(await peer.initialize()).toMatchObject({
      capabilities: { inlineCompletionProvider: true, textDocumentSync: { openClose: true, change: 2 } },
      serverInfo: { name: 'entropane' },
    });
    await using other = await contractPeer(script);
    const answered = await other.initialize({ advertiseInlineCompletion: false });
    expect(answered).not.toHaveProperty('capabilities.inlineCompletionProvider');
  });

  test('completes inline in a document that changed piece by piece', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    await peer.whenHealth('ready');
    await openSource(peer);
    await peer.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start: { line: 0, character: 10 }, end: { line: 0, character: 11 } }, text: 'größe' },
        { range: { start: { line: 1, character: 4 }, end: { line: 1, character: 4 } }, text: '# 😀\r\n    ' },
      ],
    });
    const position = { line: 2, character: 11 };
    const items = await peer.connection.sendRequest('textDocument/inlineCompletion', {
      textDocument: { uri },
      position,
      context: { triggerKind: 2 },
    });
    expect(items).toEqual([{ insertText: 'sum(x)', range: { start: position, end: position } }]);
  });

  test('goes on after the entry that is selected in a list of suggestions', async () => {
    const prompts: string[] = [];
    await using peer = await contractPeer((prompt) => {
      prompts.push(prompt.text);
      return script(prompt);
    });
    await peer.initialize();
    await peer.whenHealth('ready');
    await openSource(peer);
    const position = { line: 1, character: 11 };
    const selected = { range: { start: { line: 1, character: 4 }, end: position }, text: 'YIELD from ' };
    const items = await peer.connection.sendRequest('textDocument/inlineCompletion', {
      textDocument: { uri },
      position,
      context: { triggerKind: 1, selectedCompletionInfo: selected },
    });
    expect(items).toEqual([{ insertText: 'YIELD from sum(x)', range: selected.range }]);
    const found = await peer.request('entropane/complete', {
      ...place,
      trigger: 'invoked',
      assumed: selected,
    });
    expect(found.items).toMatchObject([{ text: 'sum(x)', replacedLength: 0 }]);
    expect(prompts.length).toBeGreaterThan(1);
    for (const prompt of prompts) expect(prompt).toMatch(/\n {4}YIELD from(?! sum)/);
    expect(prompts.join('')).not.toContain('return');
  });

  test('replaces the rest of the line where the model writes it again', async () => {
    await using peer = await contractPeer(() => 'x, 2)\nprint(x)\n');
    await peer.initialize();
    await peer.whenHealth('ready');
    await peer.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'python', version: 1, text: 'y = pow()\n' },
    });
    const items = await peer.connection.sendRequest('textDocument/inlineCompletion', {
      textDocument: { uri },
      position: { line: 0, character: 8 },
      context: { triggerKind: 1 },
    });
    const range = { start: { line: 0, character: 8 }, end: { line: 0, character: 9 } };
    expect(items).toEqual([{ insertText: 'x, 2)', range }]);
  });

  test('refuses initialization options that make no sense', async () => {
    await using peer = await contractPeer(script);
    const failure = await failureOf(peer.initialize({ settings: { threads: -1 } }));
    expect(failure).toEqual({ lspCode: ErrorCodes.InvalidParams, code: 'parameter.invalid' });
  });
});
