import * as vscode from 'vscode';
import { counted } from '../../protocol/counted.ts';
import { completionsHealth } from '../../protocol/health.ts';
import { typingLatencyMs } from '../../protocol/typingLatency.ts';
import type { CompletionReport } from '../../protocol/messages.ts';
import { currentSettings, onSettingsChanged } from '../config/configuration.ts';
import { healthOf } from '../engine/engineState.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { gateCompletion } from './completionGate.ts';
import { fitsAllCursors } from './completionSite.ts';
import { type CursorWindow, isSamePlace } from './cursorWindow.ts';
import { isStillAt, itemAt, restsAfterCursors, siteOf, windowIn, windowOf } from './documentWindow.ts';
import { askEngine } from './engineAsk.ts';
import { type Found, GhostText } from './ghostText.ts';
import type { QuietReason } from './quietReason.ts';
import { retrigger } from './retrigger.ts';
import type { Snooze } from './snooze.ts';

/** How a completion request ended, for the status bar. */
export type CompletionOutcome =
  | { readonly type: 'shown'; readonly report: CompletionReport | null }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

export interface CompletionProviderParts {
  readonly supervisor: SidecarSupervisor;
  readonly snooze: Snooze;
  /** Whether the engine answers a question, or writes an edit. */
  readonly isAnswering: () => boolean;
  readonly log: vscode.LogOutputChannel;
}

/** Ghost text in VS Code. Every call ends in exactly one outcome, which goes to the log and to `onOutcome`. */
export class CompletionProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  readonly #supervisor: SidecarSupervisor;
  readonly #snooze: Snooze;
  readonly #log: vscode.LogOutputChannel;
  readonly #outcome = new vscode.EventEmitter<CompletionOutcome>();
  readonly #ghost: GhostText;
  readonly #listeners: vscode.Disposable;
  #modelName: string | null = null;
  /** Where the editor is being made to ask again, if it is. */
  #askingAgain: CursorWindow | null = null;

  constructor({ supervisor, snooze, isAnswering, log }: CompletionProviderParts) {
    this.#supervisor = supervisor;
    this.#snooze = snooze;
    this.#log = log;
    this.#ghost = new GhostText({
      ask: askEngine(supervisor, log),
      now: () => performance.now(),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
      expectedMs: () => {
        const health = completionsHealth(healthOf(supervisor.state));
        const pace = health.state === 'ready' ? health.pace : undefined;
        return pace === undefined ? 0 : typingLatencyMs(pace);
      },
      isAnswering,
      onLonger: (window) => this.#showMore(window),
      onReport: (report) => {
        this.#outcome.fire({ type: 'shown', report });
      },
    });
    this.#listeners = this.#listen();
  }

  readonly onOutcome = this.#outcome.event;

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const startedAt = performance.now();
    const { version } = document;
    const site = siteOf(position, context);
    const window = windowIn(document, site);
    const trigger = this.#triggerOf(context, window);
    const rests = restsAfterCursors(document);
    const found = await this.#find(window, { trigger, rests }, token);
    const isStale = typeof found !== 'string' && document.version !== version;
    const visible = token.isCancellationRequested ? 'cancelled' : isStale ? 'stale' : found;
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
    const { offers, report, isStillWritten } = visible;
    const cost = isStillWritten
      ? 'being written'
      : report === null
        ? 'reused'
        : counted(report.generatedTokenCount, 'token');
    this.#log.info(`Completion at ${where} (${trigger}): ${offers.length} shown, ${cost}, ${tookMs} ms.`);
    // What it cost comes when the request has ended, whether or not this call has waited for that.
    this.#outcome.fire({ type: 'shown', report: null });
    const isOnlyCursor = rests.length === 1;
    return offers.map((offer) => itemAt(document, { site, isOnlyCursor }, offer));
  }

  dispose(): void {
    this.#ghost.left();
    this.#listeners.dispose();
    this.#outcome.dispose();
  }

  /** A request that we made the editor repeat is automatic, whatever the editor calls it. */
  #triggerOf({ triggerKind }: vscode.InlineCompletionContext, window: CursorWindow): 'automatic' | 'invoked' {
    if (this.#askingAgain !== null && isSamePlace(this.#askingAgain, window)) return 'automatic';
    return triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? 'invoked' : 'automatic';
  }

  async #find(
    window: CursorWindow,
    { trigger, rests }: { readonly trigger: 'automatic' | 'invoked'; readonly rests: readonly string[] },
    token: vscode.CancellationToken,
  ): Promise<Found | QuietReason> {
    const settings = currentSettings().completions;
    const closed = gateCompletion({
      settings,
      languageId: window.languageId,
      trigger,
      isSnoozed: this.#snooze.until !== null,
      isEngineReady: this.#supervisor.connection !== null,
    });
    if (closed !== null) return closed;
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => {
      abort.abort();
    });
    try {
      const { alternatives, debounceMs } = settings;
      return await this.#ghost.offer(window, {
        trigger,
        alternatives,
        debounceMs,
        fits: (offer) => fitsAllCursors(offer, rests),
        signal: abort.signal,
      });
    } finally {
      listener.dispose();
    }
  }

  /** False where the editor shows something else by now. */
  #showMore(window: CursorWindow): boolean {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !isStillAt(editor, window)) return false;
    void this.#askAgain(window);
    return true;
  }

  async #askAgain(window: CursorWindow): Promise<void> {
    this.#askingAgain = window;
    try {
      await retrigger(this);
    } finally {
      if (this.#askingAgain === window) this.#askingAgain = null;
    }
  }

  #listen(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const isActive = document === vscode.window.activeTextEditor?.document;
        if (isActive && contentChanges.length > 0) this.#ghost.keyTyped();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.#follow(textEditor);
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor === undefined) this.#ghost.left();
        else this.#follow(editor);
      }),
      onSettingsChanged(() => {
        this.#ghost.forget();
      }),
      this.#supervisor.onStateChanged((state) => {
        const health = completionsHealth(healthOf(state));
        const modelName = health.state === 'ready' ? health.modelName : null;
        if (modelName !== this.#modelName) this.#ghost.forget();
        this.#modelName = modelName;
      }),
    );
  }

  #follow(editor: vscode.TextEditor): void {
    const window = windowOf(editor);
    if (window === null) this.#ghost.left();
    else this.#ghost.moved(window);
  }
}
