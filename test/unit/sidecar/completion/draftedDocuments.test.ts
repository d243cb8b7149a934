import { describe, expect, it } from 'vitest';
import { DraftedDocuments } from '../../../../sidecar/completion/draftedDocuments.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

describe('DraftedDocuments', () => {
  const document = { uri: 'file:///a.py', version: 1, text: 'x = 1' };

  async function recording() {
    const asked: string[] = [];
    const model = await scriptedModel(() => '', {
      onRemember: (key, text) => {
        asked.push(`${key} ${text.length}`);
      },
    });
    return { asked, model };
  }

  it('gives each document once, and again when it has changed and some time has passed', async () => {
    const { asked, model } = await recording();
    const drafted = new DraftedDocuments();
    await drafted.offer(model, document, 0);
    await drafted.offer(model, document, 60_000);
    await drafted.offer(model, { ...document, version: 2, text: 'x = 12' }, 1000);
    await drafted.offer(model, { ...document, uri: 'file:///b.py' }, 1000);
    await drafted.offer(model, { ...document, version: 3, text: 'x = 123' }, 31_000);
    expect(asked).toEqual(['file:///a.py 5', 'file:///b.py 5', 'file:///a.py 7']);
  });

  it('gives another model all of them, and of a large one the beginning', async () => {
    const { asked, model } = await recording();
    const other = await recording();
    const drafted = new DraftedDocuments();
    await drafted.offer(model, document, 0);
    await drafted.offer(other.model, { ...document, text: 'x'.repeat(100_000) }, 0);
    expect(asked).toEqual(['file:///a.py 5']);
    expect(other.asked).toEqual(['file:///a.py 65536']);
  });

  it('remembers a bounded number of documents of each model', async () => {
    const { asked, model } = await recording();
    const drafted = new DraftedDocuments();
    for (let index = 0; index < 65; index++)
      await drafted.offer(model, { ...document, uri: `file:///${index}` }, index);
    await drafted.offer(model, { ...document, uri: 'file:///64' }, 100);
    expect(asked).toHaveLength(65);
    await drafted.offer(model, { ...document, uri: 'file:///0' }, 100);
    expect(asked.at(-1)).toBe('file:///0 5');
    expect(asked).toHaveLength(66);
  });
});
