import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';

/** The files of a VSIX by their paths in it, unpacked. */
export async function unpackVsix(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const zip = await openPromise(path);
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
