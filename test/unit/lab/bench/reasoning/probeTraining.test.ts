import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { requireUnseen } from '../../../../../lab/bench/reasoning/probeTraining.ts';
import { encodeProbe } from '../../../../../lab/calibrate/encodeProbe.ts';
import { initialNetwork } from '../../../../../lab/calibrate/probeNetwork.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  probeMetadataKeys,
  probePath,
  questionMark,
} from '../../../../../sidecar/reasoning/difficulty/probe.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const question = (index: number) => ({
  id: `q${index}`,
  index,
  question: `How many are ${index}?`,
  expected: '12',
  hash: String(index).repeat(64),
});

it('questions that a probe was fitted to are refused, and one of them is named', async () => {
  await using folder = await temporaryFolder();
  const { info } = await scriptedModel(scriptBySequence([]), { local: { hiddenSize: 8 } });
  const trainingQuestions = [1, 2, 3].map((index) => questionMark(question(index).hash)).join(' ');
  const bytes = encodeProbe(
    initialNetwork(8, 4, 1),
    new Map([
      [probeMetadataKeys.modelHash, info.identity.hash],
      [probeMetadataKeys.hiddenSize, '8'],
      [probeMetadataKeys.trainingQuestions, trainingQuestions],
    ]),
  );
  await writeFile(probePath(folder.path, info), bytes);
  // One that does not serve stands before it.
  await using own = await temporaryFolder();
  await writeFile(probePath(own.path, info), bytes.subarray(0, 9));
  await expect(
    requireUnseen([question(2), question(3), question(4)], [own.path, folder.path], info),
  ).rejects.toMatchObject({
    code: 'parameter.invalid',
    message: expect.stringContaining('2 of these questions, such as q2') as string,
  });
  await expect(requireUnseen([question(4), question(5)], [folder.path], info)).resolves.toBeUndefined();
});

it('without a probe all questions are new', async () => {
  await using folder = await temporaryFolder();
  const { info } = await scriptedModel(scriptBySequence([]));
  await expect(requireUnseen([question(1)], [folder.path], info)).resolves.toBeUndefined();
});
