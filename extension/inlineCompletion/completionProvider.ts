import * as vscode from 'vscode';
import { counted } from '../../protocol/counted.ts';
import type { CompleteParams, CompletionItem, CompletionReport } from '../../protocol/messages.ts';
import { currentSettings } from '../config/configuration.ts';
import type { CompletionSettings } from '../config/editorSettings.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { gateCompletion } from './completionGate.ts';
import type { QuietReason } from './quietReason.ts';
import type { Snooze } from './snooze.ts';
import {
  contextWindow,
  continuing,
  reuseShown,
  type CursorWindow,
  type ShownCompletion,
} from './typeThrough.ts';

/** How a completion request ended, for the status bar. */
export type CompletionOutcome =
  | { readonly type: 'shown'; readonly report: CompletionReport | null }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

/** What to show, and what it cost; `report` is null when nothing was asked of the engine. */
interface Found {
  readonly texts: readonly string[];
  readonly report: CompletionReport | null;
}

/** Ghost text. Every call ends in exactly one outcome, which goes to the log and to `onOutcome`. */
export class CompletionProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #supervisor: SidecarSupervisor;
  readonly #snooze: Snooze;
  readonly #log: vscode.LogOutputChannel;
  readonly #outcome = new vscode.EventEmitter<CompletionOutcome>();
  #shown: ShownCompletion | null = null;

  constructor(supervisor: SidecarSupervisor, snooze: Snooze, log: vscode.LogOutputChannel) {
    this.#supervisor = supervisor;
    this.#snooze = snooze;
    this.#log = log;
  }

  readonly onOutcome = this.#outcome.event;

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const startedAt = performance.now();
    const trigger =
      context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? 'invoked' : 'automatic';
    const found = await this.#find(document, position, trigger, token);
    const visible = typeof found === 'string' ? found : besideSuggestion(found, document, position, context);
    const where = `${vscode.workspace.asRelativePath(document.uri)}:${position.line + 1}:${position.character + 1}`;
    const tookMs = Math.round(performance.now() - startedAt);
    if (typeof visible === 'string') {
      const line = `Completion at ${where} (${trigger}): nothing shown, ${visible}, ${tookMs} ms.`;
      // Typing on cancels most requests; nobody misses those.
      if (visible === 'cancelled') this.#log.debug(line);
      else this.#log.info(line);
      this.#outcome.fire({ type: 'quiet', reason: visible });
      return [];
    }
    const cost = visible.report === null ? 'reused' : counted(visible.report.generatedTokenCount, 'token');
    this.#log.info(
      `Completion at ${where} (${trigger}): ${visible.texts.length} shown, ${cost}, ${tookMs} ms.`,
    );
    this.#outcome.fire({ type: 'shown', report: visible.report });
    const range = new vscode.Range(position, position);
    return visible.texts.map((text) => new vscode.InlineCompletionItem(text, range));
  }

  dispose(): void {
    this.#outcome.dispose();
  }

  async #find(
    document: vscode.TextDocument,
    position: vscode.Position,
    trigger: CompleteParams['trigger'],
    token: vscode.CancellationToken,
  ): Promise<Found | QuietReason> {
    const settings = currentSettings().completions;
    const connection = this.#supervisor.connection;
    const closed = gateCompletion({
      settings,
      languageId: document.languageId,
      trigger,
      isSnoozed: this.#snooze.until !== null,
      isEngineReady: connection !== null,
    });
    if (closed !== null || connection === null) return closed ?? 'engineNotReady';

    const cursor = cursorWindow(document, position);
    if (trigger === 'automatic') {
      const texts = this.#shown === null ? [] : reuseShown(this.#shown, cursor);
      if (texts.length > 0) return { texts, report: null };
      if (!(await quietFor(settings.debounceMs, token))) return 'cancelled';
    }
    const found = await this.#request(connection, document, position, { trigger, settings, token });
    if (typeof found !== 'string') this.#shown = { at: cursor, texts: found.texts };
    return found;
  }

  async #request(
    connection: SidecarConnection,
    document: vscode.TextDocument,
    position: vscode.Position,
    how: {
      readonly trigger: CompleteParams['trigger'];
      readonly settings: CompletionSettings;
      readonly token: vscode.CancellationToken;
    },
  ): Promise<Found | QuietReason> {
    const params: CompleteParams = {
      textDocument: { uri: document.uri.toString() },
      position: { line: position.line, character: position.character },
      trigger: how.trigger,
      candidates: how.trigger === 'invoked' ? how.settings.alternatives : 1,
    };
    const version = document.version;
    try {
      const { items, report } = await connection.request('entropane/complete', params, how.token);
      if (how.token.isCancellationRequested) return 'cancelled';
      if (document.version !== version) return 'stale';
      if (items.length === 0) return report.suppressed ?? 'emptyCompletion';
      return { texts: distinctTexts(items), report };
    } catch (thrown) {
      const error = toRequestError(thrown);
      if (error.code === 'cancelled') return 'cancelled';
      if (error.code === 'sidecar.gone' || error.code === 'model.missing') return 'engineNotReady';
      if (error.code === 'completion.unsupported') return 'modelLacksInfill';
      this.#log.warn(`Completion failed (${error.code}): ${error.message} ${error.remedy}`);
      return 'failed';
    }
  }
}

function besideSuggestion(
  found: Found,
  document: vscode.TextDocument,
  position: vscode.Position,
  context: vscode.InlineCompletionContext,
): Found | QuietReason {
  const selected = context.selectedCompletionInfo;
  if (selected === undefined) return found;
  const typed = document.getText(new vscode.Range(selected.range.start, position));
  const texts = continuing(found.texts, selected.text.slice(typed.length));
  return texts.length > 0 ? { ...found, texts } : 'suggestWidgetDiffers';
}

function cursorWindow(document: vscode.TextDocument, position: vscode.Position): CursorWindow {
  const offset = document.offsetAt(position);
  const from = document.positionAt(Math.max(0, offset - contextWindow));
  const to = document.positionAt(offset + contextWindow);
  return {
    uri: document.uri.toString(),
    offset,
    before: document.getText(new vscode.Range(from, position)),
    after: document.getText(new vscode.Range(position, to)),
  };
}

function distinctTexts(items: readonly CompletionItem[]): readonly string[] {
  return [...new Set(items.map((item) => item.text))];
}

/** Resolves true after `durationMs`, or false as soon as the token cancels. */
function quietFor(durationMs: number, token: vscode.CancellationToken): Promise<boolean> {
  return new Promise((resolve) => {
    if (token.isCancellationRequested) {
      resolve(false);
      return;
    }
    const timer = setTimeout(() => {
      listener.dispose();
      resolve(!token.isCancellationRequested);
    }, durationMs);
    const listener = token.onCancellationRequested(() => {
      clearTimeout(timer);
      listener.dispose();
      resolve(false);
    });
  });
}
