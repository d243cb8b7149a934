import { type Browser, errors, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { launchBrowser } from '../support/browser/testBrowser.ts';

/** Generous: two cores serve the editor, the browser and the model, and waiting costs nothing when all is well. */
const timeoutMs = 120_000;
/** How long a list may take to open and stay, and how often it is opened before that counts as a failure. */
const listPatienceMs = 15_000;
const listAttempts = 4;

/** VS Code in a browser, driven by keyboard as a user drives it. */
export class Workbench {
  readonly page: Page;
  /** Complaints of our panel's pages, as the browser words them. */
  readonly policyViolations: readonly string[];
  readonly #browser: Browser;

  private constructor(page: Page, browser: Browser) {
    const violations: string[] = [];
    page.on('console', (message) => {
      const isPolicy = message.text().includes('Content Security Policy');
      if (isPolicy && message.location().url.includes('entropane')) violations.push(message.text());
    });
    this.page = page;
    this.policyViolations = violations;
    this.#browser = browser;
  }

  static async open(url: string): Promise<Workbench> {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(timeoutMs);
    const workbench = new Workbench(page, browser);
    await page.goto(url);
    await page.locator('.monaco-workbench').waitFor();
    return workbench;
  }

  /** Our item in the status bar. */
  get status(): Locator {
    return this.page.locator('.statusbar-item[id*="entropane.status"]');
  }

  /** Waits until our status bar item reads like this, and is not busy. */
  async statusSays(text: RegExp): Promise<void> {
    await this.status
      .filter({ hasText: text, hasNot: this.page.locator('.codicon-modifier-spin') })
      .waitFor();
  }

  /** Waits for ghost text and returns its first line. */
  async readGhostText(): Promise<string> {
    const ghost = this.page.locator('.view-lines [class*="ghost-text-decoration"]').first();
    await ghost.waitFor();
    // The editor draws blanks as no-break spaces.
    return (await ghost.innerText()).replaceAll('\u00a0', ' ');
  }

  /**
   * Notes every change of the ghost text that the browser draws, all lines of it. Returns what calls for the list so far; the
   * last of it is what is drawn then, empty where there is none.
   */
  async recordGhostText(): Promise<() => Promise<readonly string[]>> {
    const recording = await this.page.evaluateHandle(() => {
      // The first line is part of the editor's own; the others are drawn below it. Blanks are drawn as no-break spaces.
      const textOf = (selector: string, between: string): string =>
        [...document.querySelectorAll(selector)].map((part) => part.textContent).join(between);
      const states = [''];
      const look = (): void => {
        const lines = [
          textOf('.view-lines [class*="ghost-text-decoration"]', ''),
          textOf('.suggest-preview-text .view-line', '\n'),
        ];
        const text = lines.join('\n').replaceAll('\u00a0', ' ').trimEnd();
        if (text !== states.at(-1)) states.push(text);
        requestAnimationFrame(look);
      };
      look();
      return states;
    });
    return () => recording.jsonValue();
  }

  /** Asks by command and by the box that it opens. */
  async ask(question: string): Promise<void> {
    await this.runCommand('Entropane: Ask…');
    await this.fillInput(question);
  }

  /** Messages that VS Code shows now. */
  get notifications(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item');
  }

  /** The content of the trace panel. */
  get panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }

  /** Runs a command by its title, through the command palette. */
  async runCommand(title: string): Promise<void> {
    await this.#openList('F1', `>${title}`);
    await this.#takeRow(title);
  }

  /** Opens a file of the workspace at a line and column, counted from 1. */
  async openFile(name: string, line: number, column: number): Promise<void> {
    const baseName = name.split('/').at(-1) ?? name;
    await this.#openList('Control+P', name);
    await this.#takeRow(baseName);
    await this.page.locator('.tab.active', { hasText: baseName }).waitFor();
    await this.page.locator('.monaco-editor textarea, .monaco-editor .native-edit-context').first().focus();
    await this.#openList('Control+G', `:${line}:${column}`);
    await this.#takeRow(`${line}`);
  }

  /** Fills an input box that has opened and confirms it. */
  async fillInput(text: string): Promise<void> {
    // The palette that opened it is the same widget, and may still be there for a moment.
    const box = this.page.locator(
      '.quick-input-widget:visible:not(:has(input[placeholder^="Type the name of a command"]))',
    );
    const input = box.locator('.quick-input-box input');
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }

  /** Presses a button of the dialog that asks whether to go on. */
  async confirm(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button, exact: true }).click();
  }

  /** An entry of the list that is open. */
  listRow(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
  }

  /** Takes an entry of a list that has opened. */
  async pickEntry(entry: string): Promise<void> {
    await this.#listInput.fill(entry);
    await this.#takeRow(entry);
  }

  /** What VS Code measured of an extension's activation, loading of its code included, in its own words. */
  async activationTime(name: string): Promise<string> {
    await this.runCommand('Developer: Show Running Extensions');
    const row = this.page.locator('.runtime-extensions-editor .extension', { hasText: name });
    return row.locator('.activation-time').innerText();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  get #listInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input');
  }

  /** Opens a list by its key and types into it. A focus that moves at that moment closes the list, so it is opened again then. */
  async #openList(key: string, text: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press(key);
      try {
        await this.#listInput.fill(text, { timeout: listPatienceMs });
        return;
      } catch (error) {
        if (!(error instanceof errors.TimeoutError) || attempt === listAttempts) throw error;
      }
    }
  }

  /** Waits until the open list has narrowed down to the entry, and takes that. */
  async #takeRow(entry: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: entry });
    await row.waitFor();
    await this.#listInput.press('Enter');
    await row.waitFor({ state: 'hidden' });
  }
}
