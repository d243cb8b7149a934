import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from '../../protocol/serverAddress.ts';
import { filesBelow } from '../support/server/askingProgram.ts';
import { StubServer } from '../support/server/stubServer.ts';
import { EditorSession, packageVsix } from './editorSession.ts';

const key = 'sk-canary-e2e-48b1';
/** The model of this machine answers on two busy cores. */
const patience = { timeout: 120_000 };

let stub: StubServer;
/** Has the same model and key. */
let other: StubServer;
let session: EditorSession;
/** Of the server that names both. */
let host: string;

beforeAll(async () => {
  const start = () =>
    StubServer.start({
      key,
      modelName: 'stub-coder',
      script: (prompt) => (prompt.includes('assistant') ? 'The answer is 42.' : 'x'),
    });
  [stub, other] = await Promise.all([start(), start()]);
  host = hostOf(stub.address);
  session = await EditorSession.start({
    vsix: await packageVsix(),
    models: 'machine',
    settings: { 'entropane.completions.enabled': false, 'entropane.difficulty': 'easy' },
  });
  await session.workbench.statusSays(/^\s*qwen2\.5-coder-0\.5b$/);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await stub[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

describe('a server in VS Code', () => {
  it('is sent nothing before the user agreed, and answers questions from then on', async () => {
    const { workbench } = session;
    await workbench.runCommand('Entropane: Add Server…');
    await workbench.fillInput(`${stub.address} ${other.address}`);
    const dialog = workbench.page.locator('.monaco-dialog-box');
    const sends = `sends to ${stub.address} and ${other.address}: your questions and edits`;
    await dialog.filter({ hasText: sends }).waitFor();
    expect([stub.requests, other.requests]).toEqual([[], []]);
    await workbench.confirm('Add Server');
    await workbench.fillInput(key);
    await workbench.statusSays(new RegExp(`stub-coder at ${host}`));
    await workbench.notifications.filter({ hasText: 'Completions stay on this machine' }).waitFor();
    await workbench.ask('What is the answer?');
    await workbench.panel.getByText('The answer is 42.').first().waitFor(patience);
    await workbench.panel.locator('.meta', { hasText: hostOf(stub.address) }).waitFor();
    for (const { requests } of [stub, other]) {
      expect(requests.length).toBeGreaterThan(0);
      expect(requests.every(({ headers }) => headers.authorization === `Bearer ${key}`)).toBe(true);
    }
  });

  it('that goes away has another one with the same model answer', async () => {
    const { workbench } = session;
    const before = other.requests.length;
    await stub[Symbol.asyncDispose]();
    await workbench.ask('What is 6 times 9?');
    // The other one may have answered before, so what the panel shows at first may speak of that answer.
    await expect.poll(() => other.requests.length, patience).toBeGreaterThan(before);
    await workbench.panel
      .locator('.meta', { hasText: hostOf(other.address) })
      .first()
      .waitFor(patience);
  });

  it('that is away with all others has a model of this machine answer, as panel and status bar say', async () => {
    const { workbench } = session;
    await other[Symbol.asyncDispose]();
    await workbench.ask('What is 6 times 7?');
    await workbench.panel.locator('.meta', { hasText: 'this machine' }).waitFor(patience);
    await workbench.panel
      .locator('.header', { hasText: 'qwen2.5-coder-0.5b on this machine answers in its place.' })
      .waitFor(patience);
    await workbench.statusSays(new RegExp(`qwen2\\.5-coder-0\\.5b \\(${host} away\\)`));
  });

  it('has its key in no setting, state, log or trace', async () => {
    const files = new Map([
      ...(await session.server.userFiles()),
      ...(await filesBelow(session.pathOf('store/traces'))),
    ]);
    const settings = [...files].flatMap(([name, text]) => (name.endsWith('settings.json') ? [text] : []));
    expect(settings.join('\n')).toContain('"entropane.model": "http://127.0.0.1:');
    expect([...files.keys()].some((name) => name.endsWith('Entropane.log'))).toBe(true);
    expect([...files].flatMap(([name, text]) => (text.includes(key) ? [name] : []))).toEqual([]);
  });
});
