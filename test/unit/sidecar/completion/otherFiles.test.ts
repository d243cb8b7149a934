import { describe, expect, it } from 'vitest';
import type { ContextOffer } from '../../../../protocol/messages.ts';
import { PromptReading } from '../../../../sidecar/completion/promptReading.ts';
import { OtherFiles, type OtherFilesDependencies } from '../../../../sidecar/completion/otherFiles.ts';
import { DocumentStore } from '../../../../sidecar/documents/documentStore.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import { emptyFront } from '../../../../sidecar/prompts/infillFront.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

const own = 'file:///shop/src/cart.ts';
const start = { line: 0, character: 0 };
const text = "import { priceOf } from './prices.ts';\n\nconst total = ";
const far = { start: { line: 80, character: 0 }, end: { line: 80, character: 9 } };
const price = 'export function priceOf(item: Item, country: Country): Money {\n  return item.price;\n}';

function offer(others: Partial<ContextOffer> = {}): ContextOffer {
  const range = { start, end: { line: 2, character: 1 } };
  return {
    uri: 'file:///shop/src/prices.ts',
    version: 1,
    range,
    text: price,
    reason: 'declaration',
    at: '1970-01-01T00:00:00.000Z',
    ...others,
  };
}

interface Parts {
  readonly otherFiles: OtherFiles;
  readonly model: Model;
  readonly clock: ManualClock;
  readonly documents: DocumentStore;
  /** How many tokens were read, in each call. */
  readonly read: readonly number[];
}

async function open(others: Partial<OtherFilesDependencies> = {}, hasFileTokens = true): Promise<Parts> {
  const read: number[] = [];
  const plain = await scriptedModel(() => '', { onPrefill: (count) => read.push(count) });
  const { infill } = plain.info;
  const files = {
    repository: null,
    file: infill?.prefix ?? 0,
    marks: 'each',
    ownPath: 'beforeMarkers',
    repositoryEnd: '',
  } as const;
  const model = await scriptedModel(() => '', {
    onPrefill: (count) => read.push(count),
    info: { infill: infill === null ? null : { ...infill, files: hasFileTokens ? files : null } },
  });
  const clock = new ManualClock();
  const documents = new DocumentStore();
  documents.open({ uri: own, languageId: 'typescript', version: 1, text });
  const otherFiles = new OtherFiles({
    documents,
    clock,
    isOn: () => true,
    isIdle: () => true,
    workspaceUri: () => 'file:///shop',
    clientOffers: () => true,
    acquireModel: () => Promise.resolve({ model, release: () => undefined }),
    maxTokens: () => 32,
    reading: new PromptReading({ onIdleRead: () => undefined }),
    log: () => undefined,
    ...others,
  });
  return { otherFiles, model, clock, documents, read };
}

async function frontText({ otherFiles, model }: Parts, uri = own): Promise<string> {
  return model.detokenize(otherFiles.frontOf(model, uri).before);
}

const never = new AbortController().signal;

describe('parts of other files', () => {
  it('come before the prompt once they were read, with the path of each file', async () => {
    const parts = await open();
    parts.otherFiles.offer(offer());
    expect(await frontText(parts)).toBe('');
    await parts.otherFiles.prepare(own, start, never);
    const before = await frontText(parts);
    expect(before).toContain(`src/prices.ts\n${price}\n`);
    expect(before.endsWith('src/cart.ts\n')).toBe(true);
    expect(parts.read.length).toBeGreaterThan(0);
  });

  it('stay the same until the cursor goes far, so that what was read stays valid', async () => {
    const parts = await open();
    parts.otherFiles.offer(offer());
    await parts.otherFiles.prepare(own, start, never);
    const { before } = parts.otherFiles.frontOf(parts.model, own);
    parts.otherFiles.offer(
      offer({
        uri: 'file:///shop/src/total.ts',
        text: 'export const total = priceOf(all);',
        reason: 'visited',
      }),
    );
    await parts.otherFiles.prepare(own, { line: 39, character: 0 }, never);
    expect(parts.otherFiles.frontOf(parts.model, own).before).toBe(before);
    await parts.otherFiles.prepare(own, { line: 41, character: 0 }, never);
    expect(await frontText(parts)).toContain('src/total.ts');
  });

  it('are chosen again when a declaration was found since', async () => {
    const parts = await open();
    parts.otherFiles.offer(offer({ reason: 'visited' }));
    await parts.otherFiles.prepare(own, start, never);
    parts.clock.advance(10);
    const text = 'export function totalOf(all: Item[]): Money {}';
    parts.otherFiles.offer(offer({ uri: 'file:///shop/src/prices.ts', range: far, text }));
    await parts.otherFiles.prepare(own, start, never);
    expect(await frontText(parts)).toContain('totalOf');
  });

  it('are read at rest after a document was opened, and after a request', async () => {
    for (const [wait, delayMs] of [
      [
        (parts: Parts) => {
          parts.otherFiles.opened(own);
        },
        300,
      ],
      [
        (parts: Parts) => {
          parts.otherFiles.ended(own, start);
        },
        1_500,
      ],
    ] as const) {
      let release: () => void = () => undefined;
      const settled = new Promise<void>((resolve) => {
        release = resolve;
      });
      const parts: Parts = await open({
        acquireModel: () =>
          Promise.resolve({
            model: parts.model,
            release,
          }),
      });
      parts.otherFiles.offer(offer());
      wait(parts);
      parts.clock.advance(delayMs - 1);
      expect(await frontText(parts)).toBe('');
      parts.clock.advance(1);
      await settled;
      expect(await frontText(parts)).toContain('priceOf');
    }
  });

  it('of one file are fewer where all of them take too many tokens', async () => {
    const parts = await open();
    for (let index = 0; index < 20; index++) {
      const line = 10 * index;
      parts.otherFiles.offer(
        offer({
          range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } },
          text: `a.b.c.d.e.f(x, y, z);\nexport const price${index} = priceOf(a, b, c, ${index});`,
        }),
      );
    }
    await parts.otherFiles.prepare(own, start, never);
    const { before } = parts.otherFiles.frontOf(parts.model, own);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThanOrEqual(256);
  });

  it('are read for the document opened last once a model is there', async () => {
    let isOn = false;
    let begun = 0;
    const parts = await open({
      isOn: () => isOn,
      acquireModel: () => {
        begun += 1;
        return Promise.reject(new Error('not here'));
      },
    });
    parts.otherFiles.opened(own);
    parts.clock.advance(1_000);
    isOn = true;
    expect(begun).toBe(0);
    parts.otherFiles.modelReady();
    parts.clock.advance(300);
    expect(begun).toBe(1);
  });

  it('wait while a request is under way', async () => {
    let isIdle = false;
    let begun = 0;
    const parts = await open({
      isIdle: () => isIdle,
      acquireModel: () => {
        begun += 1;
        return Promise.reject(new Error('not here'));
      },
    });
    parts.otherFiles.opened(own);
    parts.clock.advance(300);
    expect(begun).toBe(0);
    isIdle = true;
    parts.clock.advance(1_500);
    expect(begun).toBe(1);
  });

  it('are not read when a key comes first, and are stopped by one', async () => {
    let take: (signal: AbortSignal) => void = () => undefined;
    const asked = new Promise<AbortSignal>((resolve) => {
      take = resolve;
    });
    const parts = await open({
      acquireModel: (signal) => {
        take(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('stopped'));
          });
        });
      },
    });
    parts.otherFiles.opened(own);
    parts.otherFiles.began();
    parts.clock.advance(1_000);
    parts.otherFiles.ended(own, start);
    parts.clock.advance(1_500);
    const signal = await asked;
    expect(signal.aborted).toBe(false);
    parts.otherFiles.began();
    expect(signal.aborted).toBe(true);
    expect(parts.otherFiles.frontOf(parts.model, own)).toBe(emptyFront);
  });

  it('keep what was read before when the reading of others is stopped', async () => {
    const parts = await open();
    parts.otherFiles.offer(offer());
    await parts.otherFiles.prepare(own, start, never);
    const { before } = parts.otherFiles.frontOf(parts.model, own);
    parts.otherFiles.offer(
      offer({ uri: 'file:///shop/src/total.ts', text: 'export const total = priceOf(all);' }),
    );
    await expect(
      parts.otherFiles.prepare(own, { line: 80, character: 0 }, AbortSignal.abort()),
    ).rejects.toBeDefined();
    expect(parts.otherFiles.frontOf(parts.model, own).before).toBe(before);
  });

  it('are never more than a quarter of the context', async () => {
    const parts = await open();
    for (let index = 0; index < 30; index++) {
      const words = Array.from({ length: 60 }, (_, word) => `  priceOf${index}x${word}();`).join('\n');
      parts.otherFiles.offer(
        offer({ uri: `file:///shop/src/f${index}.ts`, text: `priceOf total {\n${words}\n}` }),
      );
    }
    await parts.otherFiles.prepare(own, start, never);
    const { before } = parts.otherFiles.frontOf(parts.model, own);
    expect(before.length).toBeGreaterThan(50);
    expect(before.length).toBeLessThanOrEqual(parts.model.info.contextTokens / 4);
  });

  it('are left out of untrusted schemes, where they are switched off, and without tokens for files', async () => {
    const foreign = await open();
    foreign.otherFiles.offer(offer({ uri: 'vscode-vfs://github/shop/src/prices.ts' }));
    await foreign.otherFiles.prepare(own, start, never);
    expect(await frontText(foreign)).toBe('');

    let isOn = true;
    const switched = await open({ isOn: () => isOn });
    switched.otherFiles.offer(offer());
    await switched.otherFiles.prepare(own, start, never);
    expect(await frontText(switched)).not.toBe('');
    isOn = false;
    expect(await frontText(switched)).toBe('');

    const without = await open({}, false);
    without.otherFiles.offer(offer());
    await without.otherFiles.prepare(own, start, never);
    expect(without.read).toEqual([]);
  });

  it('are taken from open documents where the client offers none', async () => {
    const parts = await open({ clientOffers: () => false });
    parts.documents.open({
      uri: 'file:///shop/src/prices.ts',
      languageId: 'typescript',
      version: 1,
      text: price,
    });
    parts.documents.open({ uri: 'git:/shop/src/old.ts', languageId: 'typescript', version: 1, text: price });
    await parts.otherFiles.prepare(own, start, never);
    expect(await frontText(parts)).toContain('src/prices.ts');
    expect(await frontText(parts)).not.toContain('old.ts');
  });
});
