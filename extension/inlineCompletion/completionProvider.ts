import * as vscode from 'vscode';
import { counted } from '../../protocol/counted.ts';
import type { CompleteParams, CompletionReport, DocumentPosition } from '../../protocol/messages.ts';
import { currentSettings } from '../config/configuration.ts';
import type { CompletionSettings } from '../config/editorSettings.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { gateCompletion } from './completionGate.ts';
import type { QuietReason } from './quietReason.ts';
import type { Snooze } from './snooze.ts';
import { type CompletionSite, placeOffer, type ReadDocument, windowAt } from './selectedSuggestion.ts';
import { type Offer, reuseShown, type ShownCompletion } from './typeThrough.ts';

/** How a completion request ended, for the status bar. */
export type CompletionOutcome =
  | { readonly type: 'shown'; readonly report: CompletionReport | null }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

/** What to show, and what it cost; `report` is null when nothing was asked of the engine. */
interface Found {
  readonly offers: readonly Offer[];
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
    const site = siteOf(position, context);
    const found = await this.#find(document, site, trigger, token);
    const where = `${vscode.workspace.asRelativePath(document.uri)}:${position.line + 1}:${position.character + 1}`;
    const tookMs = Math.round(performance.now() - startedAt);
    if (typeof found === 'string') {
      const line = `Completion at ${where} (${trigger}): nothing shown, ${found}, ${tookMs} ms.`;
      // Typing on cancels most requests; nobody misses those.
      if (found === 'cancelled') this.#log.debug(line);
      else this.#log.info(line);
      this.#outcome.fire({ type: 'quiet', reason: found });
      return [];
    }
    const cost = found.report === null ? 'reused' : counted(found.report.generatedTokenCount, 'token');
    this.#log.info(
      `Completion at ${where} (${trigger}): ${found.offers.length} shown, ${cost}, ${tookMs} ms.`,
    );
    this.#outcome.fire({ type: 'shown', report: found.report });
    return found.offers.map((offer) => toInlineCompletion(offer, site));
  }

  dispose(): void {
    this.#outcome.dispose();
  }

  async #find(
    document: vscode.TextDocument,
    site: CompletionSite,
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

    const cursor = windowAt(readDocument(document), site);
    if (trigger === 'automatic') {
      const offers = this.#shown === null ? [] : reuseShown(this.#shown, cursor);
      if (offers.length > 0) return { offers, report: null };
      if (!(await quietFor(settings.debounceMs, token))) return 'cancelled';
    }
    const found = await this.#request(connection, document, site, { trigger, settings, token });
    if (typeof found !== 'string') this.#shown = { at: cursor, offers: found.offers };
    return found;
  }

  async #request(
    connection: SidecarConnection,
    document: vscode.TextDocument,
    { position, selected }: CompletionSite,
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
      ...(selected !== null && { selectedText: selected }),
      ...formattingOf(document),
    };
    const version = document.version;
    try {
      const { items, report } = await connection.request('entropane/complete', params, how.token);
      if (how.token.isCancellationRequested) return 'cancelled';
      if (document.version !== version) return 'stale';
      if (items.length === 0) return report.suppressed ?? 'emptyCompletion';
      return { offers: items, report };
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

function siteOf(position: vscode.Position, context: vscode.InlineCompletionContext): CompletionSite {
  const { selectedCompletionInfo: selected } = context;
  return {
    position: toPosition(position),
    selected:
      selected === undefined
        ? null
        : {
            range: { start: toPosition(selected.range.start), end: toPosition(selected.range.end) },
            text: selected.text,
          },
  };
}

function toPosition({ line, character }: vscode.Position): DocumentPosition {
  return { line, character };
}

function toInlineCompletion(offer: Offer, site: CompletionSite): vscode.InlineCompletionItem {
  const { insertText, range } = placeOffer(offer, site);
  const { start, end } = range;
  return new vscode.InlineCompletionItem(
    insertText,
    new vscode.Range(start.line, start.character, end.line, end.character),
  );
}

function readDocument(document: vscode.TextDocument): ReadDocument {
  return {
    uri: document.uri.toString(),
    offsetAt: ({ line, character }) => document.offsetAt(new vscode.Position(line, character)),
    textBetween: (from, to) =>
      document.getText(new vscode.Range(document.positionAt(Math.max(0, from)), document.positionAt(to))),
  };
}

/** How an editor that shows the document indents it; nothing where none does. */
function formattingOf(document: vscode.TextDocument): Pick<CompleteParams, 'formatting'> {
  const editor = vscode.window.visibleTextEditors.find((other) => other.document === document);
  const { tabSize, insertSpaces } = editor?.options ?? {};
  return typeof tabSize === 'number' && typeof insertSpaces === 'boolean'
    ? { formatting: { tabSize, insertSpaces } }
    : {};
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
