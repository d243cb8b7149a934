import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { panelDocument } from '../../../extension/tracePanel/panelDocument.ts';
import type { HostToPanel, PanelToHost } from '../../../protocol/panelMessages.ts';

export type ThemeName =
  'vscode-dark' | 'vscode-light' | 'vscode-high-contrast' | 'vscode-high-contrast-light';

const builtFolder = new URL('../../../dist/webview/', import.meta.url);
const themesFile = new URL('../../../webview-ui/dev/themes.css', import.meta.url);
const nonce = 'panel-page-nonce';

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
    '<link rel="stylesheet" href="themes.css" /></head>',
  );
}

/**
 * Collects console errors and warnings and uncaught exceptions from now on. A violation of the content security
 * policy is a console error of the browser's own.
 */
export function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  return problems;
}

export interface PanelOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
}

/** One open panel: messages both ways, and everything that went wrong in its page. */
export class PanelPage {
  readonly page: Page;
  readonly #problems: string[];

  private constructor(page: Page, problems: string[]) {
    this.page = page;
    this.#problems = problems;
  }

  static async open(browser: Browser, server: PanelServer, options: PanelOptions): Promise<PanelPage> {
    const { theme = 'vscode-dark', width = 1000, height = 900 } = options;
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1 });
    const problems = watchProblems(page);
    await page.addInitScript((bodyClass) => {
      const posted: unknown[] = [];
      Object.assign(window, {
        posted,
        acquireVsCodeApi: () => ({ postMessage: (message: unknown) => posted.push(message) }),
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
    await this.sendTimed(...messages);
  }

  /** As `send`; milliseconds from posting until the frame after the one that took the messages in. */
  sendTimed(...messages: readonly HostToPanel[]): Promise<number> {
    // As one string: the browser's own protocol takes minutes over an object of a million members.
    return this.page.evaluate(async (json) => {
      const list = JSON.parse(json) as readonly unknown[];
      const startedAt = performance.now();
      const received = new Promise((resolve) => {
        window.addEventListener('message', resolve, { once: true });
      });
      for (const message of list) window.postMessage(message, '*');
      await received;
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      return performance.now() - startedAt;
    }, JSON.stringify(messages));
  }

  /** Console errors, uncaught exceptions and violations of the content security policy since the last call. */
  takeProblems(): readonly string[] {
    return this.#problems.splice(0);
  }

  /** What the panel has posted to its host so far. */
  posted(): Promise<readonly PanelToHost[]> {
    return this.page.evaluate<readonly PanelToHost[]>('posted');
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
