import { expect, it } from 'vitest';
import { accuracyPart } from '../../../../bench/reasoning/accuracyPart.ts';
import { parseStrategyRow } from '../../../../bench/reasoning/strategyRow.ts';
import type { ClassProfile } from '../../../../sidecar/difficulty/autoTable.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/difficulty/entropyRule.ts';
import type { Script } from '../../../../sidecar/engine/scripted/script.ts';
import { scriptedModel } from '../../../support/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

/** Thinks for 200 tokens of a sentence each, and answers when asked. */
const script: Script = ({ text }) =>
  text.endsWith('Final answer:') ? ' 12\n' : `${' So.'.repeat(200)}\nFinal answer:`;

/** A thought within a quarter of its tokens, of which the last quarter looks for the end of a sentence. */
const brief: ClassProfile = { strategy: 'chainOfThought', temperature: 0, tokenShare: 0.25, candidates: 1 };

/** Baselines that a row of `auto` is compared with, where every class leads to this. */
async function controlsWith(profile: ClassProfile): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const estimator = entropyRule(uncalibratedThresholds);
  const table = { version: 1, default: { easy: profile, normal: profile, hard: profile }, models: {} };
  const questions = ['a', 'b', 'c'].map((id, index) => {
    return { id, index, question: `How many legs have ${id} cats?`, answer: '12', hash: id };
  });
  const { figures } = await accuracyPart(
    { note: () => undefined, signal: new AbortController().signal },
    { model: await scriptedModel(script), estimator, tables: [table] },
    {
      setName: 'cats',
      rows: [parseStrategyRow('auto:1')],
      against: parseStrategyRow('chainOfThought'),
      seeds: 1,
      limit: 3,
      from: 0,
      tableFile: null,
      rawFolder: folder.path,
      adapter: null,
      routeTo: null,
      probeFolders: [],
    },
    { name: 'cats', hash: '0'.repeat(64), questions },
  );
  return figures.flatMap((figure) =>
    figure.type === 'contrast' && figure.subjectName === 'auto:1' ? [figure.baselineName] : [],
  );
}

it('beside an adaptive row stand the same without difficulty and fixed caps at about its cost', async () => {
  const caps = ['chainOfThought:cap=96', 'chainOfThought:cap=104', 'chainOfThought:cap=120'];
  expect(await controlsWith(brief)).toEqual(['chainOfThought', ...caps]);
});

it('beside one whose classes all skip the preamble, those that skip it, too', async () => {
  const controls = await controlsWith({ ...brief, skipPreamble: true });
  expect(controls).toContain('chainOfThought');
  expect(controls).toContain('chainOfThought:skipPreamble=on');
  expect(controls).toContainEqual(expect.stringMatching(/^chainOfThought:cap=1\d\d$/));
  expect(controls).toContainEqual(expect.stringMatching(/^chainOfThought:cap=1\d\d:skipPreamble=on$/));
});
