import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { EditorSession } from './editorSession.ts';
import type { Workbench } from './workbench.ts';

/** A small model on two busy cores writes a function. */
const writingMs = 150_000;

/** An editor asks its extensions for what they offer. */
const offerMs = 5000;

/** Edits as a user asks for them and accepts them. */
export class EditWork {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Puts the cursor into a file of the workspace. Both count from 1. */
  open(name: string, line: number, column = 3): Promise<void> {
    return this.#workbench.openFile(name, line, column);
  }

  /** Asks for an edit by command, and waits until it can be accepted. Returns whether the model was refused first. */
  async editSelection(name: string, instruction: string): Promise<boolean> {
    await this.#workbench.runCommand('Entropane: Edit Selection…');
    await this.#workbench.fillInput(instruction);
    return this.offered(name);
  }

  /**
   * Waits until the edit of a document is written, and fails where there is nothing to accept. Returns whether the model was refused
   * first: one that was measured to edit badly is asked only when the user says so, once a window.
   */
  async offered(name: string): Promise<boolean> {
    const refusal = this.#workbench.notifications.getByRole('button', { name: 'Ask Anyway' });
    const writing = this.#workbench.notifications.filter({ hasText: `${name}: ` });
    await writing.or(refusal).first().waitFor();
    await writing.waitFor({ state: 'detached', timeout: writingMs });
    const wasRefused = (await refusal.count()) > 0;
    if (wasRefused) {
      await refusal.click();
      await writing.waitFor();
    }
    await writing.waitFor({ state: 'detached', timeout: writingMs });
    if ((await this.comparison(name).count()) > 0) return wasRefused;
    const messages = await this.#workbench.notifications.allInnerTexts();
    throw new Error(`No edit of ${name} is shown: ${messages.join(' | ')}`);
  }

  /** Takes the light bulb's offer at the cursor, once the editor has found the problem there. */
  async fixByLightBulb(): Promise<void> {
    await this.#page.locator('.squiggly-error').first().waitFor({ timeout: writingMs });
    const offer = this.#page.locator('.action-widget .monaco-list-row', { hasText: 'Fix with Entropane' });
    const isOffered = () =>
      offer.waitFor({ timeout: offerMs }).then(
        () => true,
        () => false,
      );
    // The menu has what was known when it opened, which on a busy machine may be before the extensions heard of the problem.
    await expect
      .poll(
        async () => {
          await this.press('Escape');
          await this.press('Control+.');
          return isOffered();
        },
        { timeout: writingMs, interval: 50 },
      )
      .toBe(true);
    await offer.click();
  }

  /** The tab of a file. */
  document(name: string): Locator {
    return this.#page.locator(`.tab[data-resource-name="${name}"]:not([aria-label^="${name}: "])`);
  }

  /** The tab that compares a document with what it would be. */
  comparison(name: string): Locator {
    return this.#page.locator(`.tab[aria-label^="${name}: "]`);
  }

  press(key: string): Promise<void> {
    return this.#page.keyboard.press(key);
  }

  async messageSays(text: RegExp): Promise<void> {
    await this.#workbench.notifications.filter({ hasText: text }).first().waitFor();
  }

  /** The messages on show. */
  messages(): Promise<readonly string[]> {
    return this.#workbench.notifications.allInnerTexts();
  }

  /** Presses the button of a message that takes an edit back. */
  async takeBack(message: RegExp): Promise<void> {
    const shown = this.#workbench.notifications.filter({ hasText: message });
    await shown.getByRole('button', { name: 'Take Back' }).click();
  }

  /** Saves the file in front, and returns what it has on disk then. */
  async savedText(session: EditorSession, name: string): Promise<string> {
    await this.press('Control+S');
    await this.#page.locator(`.tab.active[data-resource-name="${name}"]:not(.dirty)`).waitFor();
    // While it is written it may be there in part.
    for (let text = await session.readWorkspaceFile(name); ;) {
      await this.#page.waitForTimeout(100);
      const now = await session.readWorkspaceFile(name);
      if (now === text) return text;
      text = now;
    }
  }

  /** Makes the workspace a Git repository, and waits until the editor knows it as one. */
  async initialiseRepository(): Promise<void> {
    await this.#workbench.runCommand('Git: Initialize Repository');
    await this.#workbench.pickEntry('workspace');
    await this.#page.locator('.statusbar-item', { hasText: /ma(?:in|ster)\*/ }).waitFor();
  }

  /** What the box of the source control view has. */
  async commitMessage(): Promise<string> {
    const text = await this.#page.locator('.scm-editor .view-lines').first().innerText();
    return text.replaceAll('\u00a0', ' ').trim();
  }

  get #page(): Page {
    return this.#workbench.page;
  }
}
