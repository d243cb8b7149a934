import { describe, expect, it } from 'vitest';
import { infillFront } from '../../../../sidecar/prompts/infillFront.ts';
import { buildInfillPrompt, infillBudget } from '../../../../sidecar/prompts/infillPrompt.ts';
import { SmallVocabulary } from '../../../support/engine/smallVocabulary.ts';
import { goldenInfills } from './goldenInfill.ts';

const sides = { prefix: 'pre', suffix: 'post' };
const files = [
  { path: 'a.ts', text: 'A' },
  { path: 'b.ts', text: 'B\n' },
];

describe.each(goldenInfills)('a model of the family $family such as $modelName', (golden) => {
  const { family, modelName, architecture, controls, putsBlankBefore = false } = golden;
  const vocabulary = new SmallVocabulary(controls, { putsBlankBefore });

  it('is recognized by its vocabulary, with the tokens that end its text', () => {
    const found = vocabulary.find(`${modelName} ${architecture}`);
    expect(found?.tokens.family).toBe(family);
    expect(found?.ends.map((id) => controls[id])).toEqual(golden.ends);
  });

  it('is asked in its own order', async () => {
    const model = await vocabulary.model(modelName, { architecture });
    expect(vocabulary.spell(await buildInfillPrompt(model, sides, infillBudget))).toEqual(golden.prompt);
  });

  it('is given other files in its own tokens', async () => {
    const model = await vocabulary.model(modelName, { architecture });
    const front = await infillFront(model, { repository: 'shop', files, ownPath: 'src/own.ts' });
    const prompt = vocabulary.spell(await buildInfillPrompt(model, sides, infillBudget, { front }));
    expect(prompt).toEqual(golden.withFiles ?? golden.prompt);
  });
});

describe('a vocabulary', () => {
  it('without the tokens of any family cannot fill in', () => {
    expect(new SmallVocabulary(['<s>', '</s>', '<|im_end|>']).find('smollm2-135m llama')).toBeNull();
  });

  it('that lacks one marker of a family does not belong to it', () => {
    expect(new SmallVocabulary(['[SUFFIX]', '<s>']).find('codestral llama')).toBeNull();
  });

  it('puts nothing before a prompt where no other file was chosen', async () => {
    const [qwen] = goldenInfills;
    const vocabulary = new SmallVocabulary(qwen?.controls ?? []);
    const model = await vocabulary.model('qwen2.5-coder-0.5b');
    const front = await infillFront(model, { repository: 'shop', files: [], ownPath: 'own.ts' });
    expect(front).toEqual({ before: [], insidePrefix: [] });
  });
});
