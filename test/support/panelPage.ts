import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { panelDocument } from '../../extension/tracePanel/panelDocument.ts';
import type { HostToPanel, PanelToHost } from '../../protocol/panelMessages.ts';

export type ThemeName = 'vscode-dark' | 'vscode-light' | 'vscode-high-contrast' | 'vscode-high-contrast-light';

const builtFolder = new URL('../../dist/webview/', import.meta.url);
const themesFile = new URL('../../webview-ui/dev/themes.css', import.meta.url);
const nonce = 'panel-page-nonce';

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

const browserPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Starts the machine's Chromium without a window. Throws where none is installed: a test without it proves nothing. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['ENTROPANE_CHROMIUM'] ?? browserPlaces.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('No Chromium found. Install one, or set ENTROPANE_CHROMIUM.');
  return chromium.launch({ executablePath, args: browserFlags });
}

/** Serves the built panel on the loopback interface, with the page and policy that the extension uses. */
export class PanelServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PanelServer> {
    const server = createServer((request, response) => {
      void PanelServer.#respond(request.url ?? '/').then(({ type, body }) => {
        response.writeHead(body === null ? 404 : 200, { 'content-type': type });
        response.end(body);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new PanelServer(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  static async #respond(path: string): Promise<{ readonly type: string; readonly body: string | null }> {
    switch (path) {
      case '/':
        return { type: 'text/html', body: panelPage() };
      case '/panel.js':
        return { type: 'text/javascript', body: await readFile(new URL('panel.js', builtFolder), 'utf8') };
      case '/panel.css':
        return { type: 'text/css', body: await readFile(new URL('panel.css', builtFolder), 'utf8') };
      case '/themes.css':
        return { type: 'text/css', body: await readFile(themesFile, 'utf8') };
      default:
        return { type: 'text/plain', body: null };
    }
  }
}

/** The extension's own page; only the theme's variables, which the editor would set, come on top. */
function panelPage(): string {
  return panelDocument({ scriptUri: 'panel.js', styleUri: 'panel.css', cspSource: "'self'", nonce }).replace(
    '</head>',
    '<link rel="stylesheet" href="themes.css" /><link rel="icon" href="data:," /></head>',
  );
}

/** One open panel: messages both ways, and everything that went wrong in its page. */
export class PanelPage {
  readonly page: Page;
  /** Console errors, uncaught exceptions and violations of the content security policy. */
  readonly problems: readonly string[];

  private constructor(page: Page, problems: readonly string[]) {
    this.page = page;
    this.problems = problems;
  }

  static async open(
    browser: Browser,
    server: PanelServer,
    options: { readonly theme?: ThemeName; readonly width?: number; readonly height?: number } = {},
  ): Promise<PanelPage> {
    const { theme = 'vscode-dark', width = 1000, height = 900 } = options;
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1 });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    await page.addInitScript((bodyClass) => {
      const posted: unknown[] = [];
      Object.assign(window, {
        posted,
        acquireVsCodeApi: () => ({ postMessage: (message: unknown) => posted.push(message) }),
      });
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
      });
      document.addEventListener('DOMContentLoaded', () => {
        document.body.classList.add(bodyClass);
      });
    }, theme);
    await page.goto(server.origin);
    return new PanelPage(page, problems);
  }

  /** Posts to the panel as the extension host does, and resolves after it has drawn. */
  async send(...messages: readonly HostToPanel[]): Promise<void> {
    await this.page.evaluate(async (list) => {
      for (const message of list) window.postMessage(message, '*');
      const frame = (): Promise<unknown> => new Promise(requestAnimationFrame);
      await new Promise((resolve) => setTimeout(resolve));
      await frame();
      await frame();
    }, messages);
  }

  /** What the panel has posted to its host so far. */
  posted(): Promise<readonly PanelToHost[]> {
    return this.page.evaluate(() => (window as unknown as { posted: PanelToHost[] }).posted);
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
