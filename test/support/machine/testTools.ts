import { existsSync } from 'node:fs';
import { editorRig } from '../../../scripts/editor/editorRig.mjs';
import { findChromium } from '../../../scripts/test/testBrowser.mjs';

/** Path of the Chromium that `npm test` found or installed. Throws where there is none. */
export async function chromiumPath(): Promise<string> {
  const found = await findChromium();
  if (found === null) throw new Error('No Chromium: run `npm test -- webview` once, which installs it.');
  return found.path;
}

/** Node and entry script of the code-server that `npm test` built. Throws where it was not. */
export function codeServer(): { readonly node: string; readonly entry: string } {
  if (!existsSync(editorRig.entry)) {
    throw new Error('No test editor: run `npm test -- e2e` once, which builds it.');
  }
  return editorRig;
}
