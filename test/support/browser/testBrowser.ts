import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from '../machine/testTools.ts';

/** The flags a browser needs on a machine without a GPU, possibly as root; nothing in it reaches a network. */
const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium that `npm test` found, without a window. Throws where there is none. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: browserFlags });
}
