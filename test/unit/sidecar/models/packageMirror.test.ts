import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { assembleWheels } from '../../../../sidecar/models/packageMirror.ts';
import { smallModel, smallModelContent, smallModelParts } from '../../../support/download/modelSource.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { wheelFile, withDeclaredSize } from '../../../support/download/wheelFile.ts';

const wheels = smallModel.mirror?.wheels ?? [];
const [, entry] = wheels.map((wheel) => wheel.entry);
const content = Buffer.alloc(100 * smallModelContent.length);
/** A hundred times the model, and a few kilobytes as a wheel. */
const bomb = wheelFile({ [entry ?? '']: content });

test.each([
  ['says so', bomb],
  ['hides it', withDeclaredSize(bomb, smallModelParts[1]?.length ?? 0)],
])('a wheel that inflates beyond the model and %s is not written', async (_what, second) => {
  await using folder = await temporaryFolder();
  const files: string[] = [];
  for (const [index, wheel] of wheels.entries()) {
    const file = path.join(folder.path, `${wheel.packageName}.whl`);
    const part = smallModelParts[index] ?? Buffer.alloc(0);
    await writeFile(file, index === 1 ? second : wheelFile({ [wheel.entry]: part }));
    files.push(file);
  }
  const outputPath = path.join(folder.path, 'part');
  let mostBytes = 0;
  const onBytes = (doneBytes: number): void => {
    mostBytes = Math.max(mostBytes, doneBytes);
  };
  const joining = assembleWheels(
    files,
    wheels,
    { outputPath, sizeBytes: smallModelContent.length, onBytes },
    new AbortController().signal,
  );
  await expect(joining).rejects.toMatchObject({ code: 'download.corrupt' });
  expect(mostBytes).toBeLessThanOrEqual(smallModelContent.length);
  expect((await stat(outputPath)).size).toBeLessThanOrEqual(smallModelContent.length);
  expect(await readdir(folder.path)).toHaveLength(4);
});
