import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { TraceSummary } from '../../protocol/messages.ts';
import type { HostToPanel, PanelToHost } from '../../protocol/panelMessages.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import type { AskedQuestions } from '../ask/askedQuestions.ts';
import type { EditorContext } from '../ask/editorContext.ts';
import { currentSettings, onSettingsChanged } from '../config/configuration.ts';
import { healthOf } from '../engine/engineState.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import type { FollowedTraces } from '../traces/followedTraces.ts';
import { panelDocument } from './panelDocument.ts';
import { parsePanelMessage } from './panelMessage.ts';

const tracePanelViewType = 'entropane.tracePanel';

/** What a user did in the panel that is more than looking. */
export type PanelIntent = Exclude<PanelToHost, { readonly type: 'panel/ready' | 'trace/resend' }>;

/**
 * The trace panel's host side: at most one panel a window. The page asks with `panel/ready` whenever it is
 * (re)created, hidden pages included, so whatever was posted to a page that was not there is not missed.
 */
export class TracePanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #extensionUri: vscode.Uri;
  readonly #supervisor: SidecarSupervisor;
  readonly #store: FollowedTraces;
  readonly #asked: AskedQuestions;
  readonly #context: EditorContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #intent = new vscode.EventEmitter<PanelIntent>();
  readonly #subscriptions: vscode.Disposable;
  #panel: vscode.WebviewPanel | null = null;
  #shownId: RequestId | null = null;
  #hadConnection = false;

  constructor(
    extensionUri: vscode.Uri,
    parts: {
      readonly supervisor: SidecarSupervisor;
      readonly store: FollowedTraces;
      readonly asked: AskedQuestions;
      readonly context: EditorContext;
      readonly log: vscode.LogOutputChannel;
    },
  ) {
    this.#extensionUri = extensionUri;
    this.#supervisor = parts.supervisor;
    this.#store = parts.store;
    this.#asked = parts.asked;
    this.#context = parts.context;
    this.#log = parts.log;
    this.#subscriptions = vscode.Disposable.from(
      this.#intent,
      vscode.window.registerWebviewPanelSerializer(tracePanelViewType, this),
      onSettingsChanged(() => {
        this.#postDifficulty();
      }),
      this.#context.onChanged((offered) => {
        this.#post({ type: 'context/changed', ...offered });
      }),
      this.#supervisor.onStateChanged((state) => {
        this.#post({ type: 'health/changed', health: healthOf(state) });
        const hasConnection = this.#supervisor.connection !== null;
        // A page that opened before the engine answered has no traces yet.
        if (hasConnection && !this.#hadConnection) this.#inBackground(this.#sendEverything());
        this.#hadConnection = hasConnection;
      }),
    );
  }

  readonly onIntent = this.#intent.event;

  /** The request that the panel shows, or null. */
  get shownId(): RequestId | null {
    return this.#shownId;
  }

  /** Opens the panel beside the editor, or brings it to the front. The editor keeps the focus. */
  reveal(): void {
    if (this.#panel !== null) {
      this.#panel.reveal(undefined, true);
      return;
    }
    const placement = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.#adopt(vscode.window.createWebviewPanel(tracePanelViewType, 'Entropane Trace', placement));
  }

  /** VS Code hands back a panel that was open when the window closed. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#panel?.dispose();
    this.#adopt(panel);
    return Promise.resolve();
  }

  /**
   * Shows a request, from memory or from its trace file. Rejects with a `CodedError` when that cannot be read; the
   * panel then goes on showing what it shows.
   */
  async show(requestId: RequestId): Promise<void> {
    const before = this.#shownId;
    this.#shownId = requestId;
    try {
      const events = this.#store.eventsOf(requestId) ?? (await this.#readTrace(requestId));
      // Another request may have been chosen or started while the file was read.
      if (this.#shownId === requestId) this.#postSnapshot(requestId, events);
    } catch (error) {
      // Events of a running request that were not passed on meanwhile are asked for again, by the page.
      if (this.#shownId === requestId) this.#shownId = before;
      throw error;
    }
  }

  /** Passes on events of a request. One that starts is shown, whatever was shown before. */
  append(requestId: RequestId, events: readonly TraceEvent[]): void {
    if (events[0]?.type === 'request/started') {
      this.#shownId = requestId;
      this.#postSnapshot(requestId, events);
    } else if (requestId === this.#shownId) {
      this.#post({ type: 'trace/append', requestId, events });
    }
    const isOver = events.some(({ type }) => type === 'request/finished' || type === 'request/failed');
    if (isOver) this.#inBackground(this.#postTraceList());
  }

  /** Says that words of the box are being answered. */
  acceptWords(words: string): void {
    this.#post({ type: 'question/accepted', question: words });
  }

  /** Lists the files that were found for what was typed. */
  showFiles(query: string, paths: readonly string[]): void {
    this.#post({ type: 'files/found', query, paths });
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#subscriptions.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const folder = vscode.Uri.joinPath(this.#extensionUri, 'dist', 'webview');
    const { webview } = panel;
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, 'media', 'icon.svg');
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = null;
    });
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    webview.onDidReceiveMessage((message: unknown) => {
      const known = parsePanelMessage(message);
      if (known !== null) this.#receive(known);
    });
    webview.html = panelDocument({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'panel.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'panel.css')).toString(),
      cspSource: webview.cspSource,
      nonce: randomUUID(),
    });
  }

  #receive(message: PanelToHost): void {
    switch (message.type) {
      case 'panel/ready':
        this.#inBackground(this.#sendEverything());
        break;
      case 'trace/resend':
        this.#inBackground(this.show(message.requestId));
        break;
      case 'trace/open':
      case 'trace/export':
      case 'request/steer':
      case 'question/asked':
      case 'question/askedAgain':
      case 'edit/asked':
      case 'difficulty/chosen':
      case 'context/given':
      case 'context/removed':
      case 'context/added':
      case 'files/sought':
      case 'code/copied':
      case 'code/inserted':
      case 'code/applied':
        this.#intent.fire(message);
        break;
    }
  }

  async #sendEverything(): Promise<void> {
    if (this.#panel === null) return;
    this.#post({ type: 'health/changed', health: healthOf(this.#supervisor.state) });
    this.#postDifficulty();
    this.#post({ type: 'context/changed', ...this.#context.offered });
    // A trace that is only on disk waits for the engine: this runs again once it answers.
    if (this.#shownId !== null && this.#isAtHand(this.#shownId)) await this.show(this.#shownId);
    const traces = await this.#postTraceList();
    const newest = traces.find((trace) => trace.kind !== 'completion');
    if (this.#shownId === null && newest !== undefined) await this.show(newest.requestId);
  }

  #isAtHand(requestId: RequestId): boolean {
    return this.#store.eventsOf(requestId) !== null || this.#supervisor.connection !== null;
  }

  async #readTrace(requestId: RequestId): Promise<readonly TraceEvent[]> {
    const connection = this.#supervisor.connection;
    if (connection !== null) return connection.request('entropane/traces/read', { requestId });
    throw new CodedError(
      'sidecar.gone',
      'The engine that reads traces is not running.',
      'Try again when it is.',
    );
  }

  async #postTraceList(): Promise<readonly TraceSummary[]> {
    const connection = this.#supervisor.connection;
    if (connection === null) return [];
    const traces = await connection.request('entropane/traces/list', null);
    this.#post({ type: 'traces/listed', traces });
    return traces;
  }

  #postSnapshot(requestId: RequestId, events: readonly TraceEvent[]): void {
    const canAskAgain = this.#asked.of(requestId) !== null;
    this.#post({ type: 'trace/snapshot', requestId, events, canAskAgain });
  }

  #postDifficulty(): void {
    const { strategy, difficulty } = currentSettings().sidecar;
    this.#post({ type: 'difficulty/changed', choice: strategy === 'auto' ? difficulty : null });
  }

  #post(message: HostToPanel): void {
    // False means that no page is there to receive it; the next one asks for everything.
    void this.#panel?.webview.postMessage(message);
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#log.warn(`The trace panel could not be filled: ${String(error)}`);
    });
  }
}
