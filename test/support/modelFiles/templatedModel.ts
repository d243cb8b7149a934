import { copyFile, open } from 'node:fs/promises';
import path from 'node:path';
import { encodeGgufHeader } from '../../../lab/prune/encodeGgufHeader.ts';
import { readGgufHeader } from '../../../sidecar/gguf/readGgufHeader.ts';
import { installedModelPath } from '../engine/realEngine.ts';
import { textValue } from './tinyModel.ts';

const templateKey = 'tokenizer.chat_template';
const bytesKey = 'test.padding';

/**
 * A copy of the small model with another chat template, written into `folder`. Returns its path. The template may not be
 * longer than the model's own: the header keeps its size, so that the tensor data stays where it is.
 */
export async function writeTemplated(folder: string, name: string, template: string): Promise<string> {
  const source = await installedModelPath('smollm2-135m');
  const header = await readGgufHeader(source);
  const target = path.join(folder, `${name}.gguf`);
  const metadata = new Map(header.metadata);
  metadata.set(templateKey, textValue(template));
  const bare = encodeGgufHeader({ ...header, metadata });
  // Less than one step of alignment is left over when the padding's own key is in.
  const missingBytes = header.dataOffset - bare.byteLength;
  if (missingBytes !== 0) {
    const overheadBytes = 8 + bytesKey.length + 4 + 8;
    if (missingBytes < overheadBytes)
      throw new Error('The template is too long for the room of the first one.');
    metadata.set(bytesKey, textValue(' '.repeat(missingBytes - overheadBytes)));
  }
  const encoded = encodeGgufHeader({ ...header, metadata });
  if (encoded.byteLength !== header.dataOffset) throw new Error('The tensor data would have to move.');
  await copyFile(source, target);
  const file = await open(target, 'r+');
  try {
    await file.write(encoded, 0, encoded.byteLength, 0);
  } finally {
    await file.close();
  }
  return target;
}
