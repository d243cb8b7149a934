import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../support/machine/manifest.ts';

const page = readFileSync(path.join(checkout, 'docs/PLATFORMS.md'), 'utf8');
const sources = ['protocol', 'sidecar', 'extension', 'webview-ui', 'lab', 'scripts'].flatMap((folder) =>
  readdirSync(path.join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|tsx|mjs)$/u.test(name))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/'))),
);
/** Files that decide something by the name of a system. */
const deciding = sources.filter((file) =>
  /['"`](?:linux|darwin|win32)(?:-\w+)?['"`]/u.test(readFileSync(path.join(checkout, file), 'utf8')),
);
const listed = [
  ...page.matchAll(/^\| [^|]+ \| `((?:protocol|sidecar|extension|lab|scripts)\/[^`]+)` \|/gmu),
].map(([, file]) => file);

test('every file that knows systems by name is listed on the page of platforms, and no other', () => {
  expect(deciding.length).toBeGreaterThan(10);
  expect([...new Set(listed)].sort()).toEqual(deciding.sort());
});
