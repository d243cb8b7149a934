import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../sidecar/cli/optionSpec.ts';
import { serverOf } from '../../../../sidecar/cli/serverOptions.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const server = ['http://127.0.0.1:8080/v1/'];
const noInput = { readInput: null };

async function keyFrom(text: string, mode: number): Promise<string | undefined> {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'key');
  await writeFile(file, text);
  await chmod(file, mode);
  return (await serverOf({ server, 'server-key-file': file }, noInput))?.key?.reveal();
}

describe('the server of a command', () => {
  it('is none where none is named', async () => {
    expect(await serverOf({}, noInput)).toBeNull();
    await expect(serverOf({ 'server-key-file': '-' }, noInput)).rejects.toThrow(UsageError);
    await expect(serverOf({ 'server-model': 'm' }, noInput)).rejects.toThrow(UsageError);
  });

  it('has its address without what all addresses end with', async () => {
    expect(await serverOf({ server }, noInput)).toEqual({
      address: 'http://127.0.0.1:8080',
      others: [],
      modelName: null,
      key: null,
    });
  });

  it('is one of several, each of which is named once', async () => {
    const named = [...server, 'http://b', 'http://127.0.0.1:8080', 'http://b/v1'];
    expect(await serverOf({ server: named }, noInput)).toMatchObject({
      address: 'http://127.0.0.1:8080',
      others: ['http://b'],
    });
  });

  it.each(['127.0.0.1:8080', 'file:///etc/passwd', 'http://user:secret@host', ''])(
    'refuses %j',
    async (address) => {
      const refused = serverOf({ server: [address] }, noInput);

      await expect(refused).rejects.toMatchObject({ code: 'parameter.invalid' });
      await expect(refused).rejects.not.toThrow(/secret/);
    },
  );
});

describe.skipIf(process.platform === 'win32')('the file of a key', () => {
  it('is read when only its owner may read it', async () => {
    expect(await keyFrom('sk-12\n', 0o600)).toBe('sk-12');
    expect(await keyFrom('sk-12', 0o400)).toBe('sk-12');
  });

  it.each([0o644, 0o640, 0o602, 0o660])('is refused with mode %o', async (mode) => {
    await expect(keyFrom('sk-12', mode)).rejects.toMatchObject({
      code: 'key.unusable',
      message: expect.stringContaining(mode.toString(8)) as string,
    });
  });

  it.each(['', '  \n', 'two words', 'a\nb', 'schlüssel'])(
    'is refused with %j in it, without showing it',
    async (text) => {
      const refused = keyFrom(text, 0o600);

      await expect(refused).rejects.toMatchObject({ code: 'key.unusable' });
      await expect(refused).rejects.not.toThrow(/two words|schlüssel/);
    },
  );

  it('is standard input where that is said', async () => {
    const terminal = { readInput: () => Promise.resolve('sk-34\n') };
    const found = await serverOf({ server, 'server-key-file': '-' }, terminal);

    expect(found?.key?.reveal()).toBe('sk-34');
    await expect(serverOf({ server, 'server-key-file': '-' }, noInput)).rejects.toThrow(UsageError);
  });
});
