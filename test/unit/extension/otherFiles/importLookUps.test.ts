import { beforeEach, describe, expect, it } from 'vitest';
import { type FoundDeclaration, ImportLookUps } from '../../../../extension/otherFiles/importLookUps.ts';
import type { ContextOffer } from '../../../../protocol/messages.ts';

interface Asked {
  readonly name: string;
  readonly answer: (found: FoundDeclaration) => Promise<void>;
  readonly fail: () => Promise<void>;
}

const a = { uri: 'file:///a.ts', isClosed: false };
const b = { uri: 'file:///b.ts', isClosed: false };
const text = "import { one, two } from './x';\n";

let asked: Asked[];
let sent: string[];
let isConnected: boolean;
let lookUps: ImportLookUps<typeof a>;

beforeEach(() => {
  asked = [];
  sent = [];
  isConnected = true;
  lookUps = new ImportLookUps({
    isConnected: () => isConnected,
    find: (_document, { name }) =>
      new Promise((resolve, reject) => {
        asked.push({
          name,
          answer: (found) => {
            resolve(found);
            return settle();
          },
          fail: () => {
            reject(new Error('The language has crashed.'));
            return settle();
          },
        });
      }),
    send: (offer) => {
      if (isConnected) sent.push(offer.text);
      return isConnected;
    },
  });
});

/** Lets everything run that is not waiting for an answer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function declared(name: string): FoundDeclaration {
  const at = { line: 0, character: 0 };
  const offer: ContextOffer = {
    uri: 'file:///x.ts',
    version: 0,
    range: { start: at, end: at },
    text: name,
    reason: 'declaration',
    at: '2026-01-01T00:00:00.000Z',
  };
  return { type: 'offer', offer };
}

/** Names that are asked about, each answered with its declaration, until there are no more. */
async function namesOf(document: typeof a, of = text): Promise<readonly string[]> {
  const first = asked.length;
  const done = lookUps.lookUp(document, of);
  for (let at = first; at < asked.length; at++) await asked[at]?.answer(declared(asked[at]?.name ?? ''));
  await done;
  return asked.slice(first).map(({ name }) => name);
}

describe('looking up imports', () => {
  it('asks about one name after another, and offers what is found', async () => {
    void lookUps.lookUp(a, text);
    expect(asked.map(({ name }) => name)).toEqual(['one']);
    await asked[0]?.answer(declared('one'));
    expect(asked.map(({ name }) => name)).toEqual(['one', 'two']);
    await asked[1]?.answer({ type: 'elsewhere' });
    expect(sent).toEqual(['one']);
  });

  it('asks once for each document, and of an import that was added', async () => {
    expect(await namesOf(a)).toEqual(['one', 'two']);
    expect(await namesOf(a)).toEqual([]);
    expect(await namesOf(b)).toEqual(['one', 'two']);
    expect(await namesOf(a, `import { three } from './y';\n${text}`)).toEqual(['three']);
  });

  it('goes on where it was stopped, and only a change of its own document stops it', async () => {
    void lookUps.lookUp(a, text);
    lookUps.stop(b);
    await asked[0]?.answer(declared('one'));
    lookUps.stop(a);
    expect(asked.map(({ name }) => name)).toEqual(['one', 'two']);
    await asked[1]?.answer({ type: 'unknown' });
    expect(await namesOf(a)).toEqual(['two']);
    expect(sent).toEqual(['one', 'two']);
  });

  it('counts nothing as asked while nobody takes offers', async () => {
    isConnected = false;
    expect(await namesOf(a)).toEqual([]);
    isConnected = true;
    void lookUps.lookUp(a, text);
    isConnected = false;
    await asked[0]?.answer(declared('one'));
    expect(sent).toEqual([]);
    isConnected = true;
    expect(await namesOf(a)).toEqual(['one', 'two']);
    expect(sent).toEqual(['one', 'two']);
  });

  it('asks everything again once it was made to forget', async () => {
    await namesOf(a);
    lookUps.forget();
    expect(await namesOf(a)).toEqual(['one', 'two']);
  });

  it('asks three times about a name without a definition, and goes on after a failure', async () => {
    const one = "import { one } from './x';\n";
    for (const count of [1, 2, 3, 3]) {
      void lookUps.lookUp(a, one);
      await (count === 1 ? asked.at(-1)?.fail() : asked.at(-1)?.answer({ type: 'unknown' }));
      expect(asked).toHaveLength(count);
    }
  });

  it('asks about nothing of a document that was closed', async () => {
    expect(await namesOf({ ...a, isClosed: true })).toEqual([]);
  });

  it('remembers a bounded number of documents', async () => {
    for (let index = 0; index < 65; index++) await namesOf({ ...a, uri: `file:///${index}.ts` });
    expect(await namesOf({ ...a, uri: 'file:///64.ts' })).toEqual([]);
    expect(await namesOf({ ...a, uri: 'file:///0.ts' })).toEqual(['one', 'two']);
  });
});
