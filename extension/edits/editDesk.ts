import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import { counted } from '../../protocol/counted.ts';
import type { EditKind, EditParams, RangeEdit } from '../../protocol/edit.ts';
import type { AssumedText } from '../../protocol/messages.ts';
import type { AskRunner } from '../ask/askRunner.ts';
import type { CommandId } from '../config/commandIds.ts';
import { currentSettings } from '../config/configuration.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import { type AppliedEdit, AppliedEdits } from './appliedEdits.ts';
import { linesOf } from './documentLines.ts';
import { type Comparison, EditPreview, shownIn } from './editPreview.ts';
import { documentRangeOf, editDocumentOf, fileNameOf, lineEndIn } from './editSource.ts';
import {
  editNames,
  newErrorsMessage,
  noEditMessage,
  progressMessage,
  refusedMessage,
  warningOf,
} from './editWords.ts';
import { raceOrDirect } from './raceOrDirect.ts';
import { writeChanges, type WrittenEdit } from './editWriter.ts';
import { ErrorWatch } from './errorWatch.ts';
import { lineDiff } from './lineDiff.ts';
import { type KnownError, movedErrors } from './newErrors.ts';
import { hunkAt, ProposedEdit } from './proposedEdit.ts';
import { draftOf, editTitle, endedCode, FirstAnswer, followedDraft } from './draftCode.ts';

/** What is asked of a model, about the document of an editor. */
export type EditRequest = Pick<EditParams, 'kind' | 'instruction' | 'range' | 'diagnostics' | 'attachments'>;

/** An editor, and the version of its document that a range was read off. */
export interface AskedVersion {
  readonly editor: vscode.TextEditor;
  readonly version: number;
  /** Called once the model reads. */
  readonly onStarted?: () => void;
}

/** An edit from its request until it is accepted or discarded. */
interface OpenEdit extends Comparison {
  readonly asked: EditRequest;
  readonly cancellation: vscode.CancellationTokenSource;
  /** Lines of the version that the model was asked about. */
  readonly base: readonly string[];
  readonly answer: FirstAnswer;
  /** Changes of the document since that version. */
  readonly changes: AssumedText[];
  /** Null while the model writes. */
  proposed: ProposedEdit | null;
  /** Settles once the comparison is open; null before it is opened. */
  shown: Promise<void> | null;
}

type WriteOutcome =
  ({ readonly type: 'written' } & WrittenEdit) | { readonly type: 'refused'; readonly message: string };

/** Why new lines are not formatted. */
const formatWords: Readonly<Record<NonNullable<WrittenEdit['formatFailure']> | 'none', string>> = {
  failed: ' The formatter failed, so the new lines are as the model wrote them.',
  late: ' The formatter took too long, so the new lines are as the model wrote them.',
  none: '',
};

/** Which changes of an edit are accepted: all, or the one at the cursor. */
export type AcceptedPart = 'all' | 'atCursor';

/**
 * The edits of this window that are being written or wait for the user, one for each document. A document is written to by
 * `accept` and `takeBack` alone.
 */
export class EditDesk implements vscode.Disposable {
  readonly #asks: AskRunner;
  readonly #preview = new EditPreview();
  readonly #applied = new AppliedEdits();
  readonly #errors = new ErrorWatch();
  readonly #open = new Set<OpenEdit>();
  /** Whether the user wants edits of a model that was measured to be bad at them, until the window closes. */
  #asksWeakModels = false;
  readonly #accepting = new Set<OpenEdit>();
  readonly #unreadInstructions = new Map<EditKind, string>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable;

  constructor(asks: AskRunner) {
    this.#asks = asks;
    this.#subscriptions = vscode.Disposable.from(
      this.#preview,
      this.#errors,
      this.#changed,
      this.#preview.onClosed((uri) => {
        const edit = this.#withUri(uri);
        if (edit !== null) void this.#end(edit);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        for (const edit of this.#editsOf(document)) this.#follow(edit, contentChanges);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        // A document whose language changes is closed and opened as well.
        if (document.isClosed) for (const edit of this.#editsOf(document)) void this.#dropClosed(edit);
      }),
    );
  }

  /** Fires when `isOpen` or `canTakeBack` may have changed. */
  readonly onChanged = this.#changed.event;

  /** Whether an edit is being written or waits for the user. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** The words of the last such edit, where it was refused before a model read them, so that they are not typed twice; else ''. */
  unreadInstruction(kind: EditKind): string {
    return this.#unreadInstructions.get(kind) ?? '';
  }

  get canTakeBack(): boolean {
    return this.#applied.last !== null;
  }

  /** Has a model write an edit, shown while it is written. Rejects with a `CodedError`; the document is not changed. */
  async ask(
    connection: SidecarConnection,
    { editor, version, onStarted }: AskedVersion,
    asked: EditRequest,
  ): Promise<void> {
    if (asked.instruction !== '') this.#unreadInstructions.set(asked.kind, asked.instruction);
    await this.#endAll(editor.document);
    const source = editDocumentOf(editor);
    if (source.version !== version)
      throw new CodedError('document.changed', `${source.path} was changed meanwhile.`, 'Ask again.');
    const { strategy, verifyCommand } = currentSettings().sidecar;
    const { workspaceFolder } = source;
    const way = raceOrDirect(asked.kind, { strategy, verifyCommand, workspaceFolder });
    const isRace = way.strategy !== undefined;
    const others = asked.attachments.map(({ path }) => path).filter((path) => path !== source.path);
    const message = progressMessage({ otherFiles: others, testedBy: isRace ? verifyCommand : null });
    const edit = this.#begin(editor.document, asked);
    try {
      const result = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: edit.title, cancellable: true },
        (progress, token) => {
          if (message !== null) progress.report({ message });
          token.onCancellationRequested(() => {
            edit.cancellation.cancel();
          });
          const params = { ...asked, ...way, document: source, force: this.#asksWeakModels };
          return this.#asks.edit(connection, params, {
            onEvents: (events) => {
              edit.answer.append(events);
              // Once the model reads: what is refused before that shows nothing.
              if (edit.shown === null) {
                if (asked.instruction !== '') this.#unreadInstructions.delete(asked.kind);
                edit.shown = this.#show(edit);
                onStarted?.();
              }
              this.#preview.refresh(edit.uri);
            },
            token: edit.cancellation.token,
          });
        },
      );
      if (result.reason === 'cancelled') await this.#end(edit);
      else await this.#offer(edit, result.edits, () => noEditMessage(result));
      const warning = warningOf(result, { isRace });
      if (warning !== null && this.#open.has(edit)) void vscode.window.showWarningMessage(warning);
    } catch (thrown) {
      const isWanted = this.#open.has(edit) && !edit.cancellation.token.isCancellationRequested;
      await this.#end(edit);
      if (!isWanted) return;
      if (!(thrown instanceof CodedError) || thrown.code !== 'model.tooWeak') throw thrown;
      if (!(await this.#wantsWeakModel(thrown))) return;
      await this.ask(connection, { editor, version, ...(onStarted && { onStarted }) }, asked);
    }
  }

  /** Offers code that was written already in the place of a range, as if a model had been asked for it. The document is not changed. */
  async propose(editor: vscode.TextEditor, range: vscode.Range, code: string): Promise<void> {
    const { version } = editor.document;
    await this.#endAll(editor.document);
    if (editor.document.version !== version)
      throw new CodedError(
        'document.changed',
        `${fileNameOf(editor.document)} was changed meanwhile.`,
        'Press it again.',
      );
    const place = documentRangeOf(range);
    const edit = this.#begin(editor.document, {
      kind: 'edit',
      instruction: 'Apply code of the answer',
      range: place,
      diagnostics: [],
      attachments: [],
    });
    await this.#offer(
      edit,
      [{ range: place, newText: code }],
      () => `${fileNameOf(editor.document)} has this code already. Nothing was changed.`,
    );
  }

  /** Writes what the model proposes into the document, as one undo step; or says in one message why not. */
  async accept(part: AcceptedPart): Promise<void> {
    const edit = this.#chosen();
    const { document, proposed } = edit;
    if (proposed === null) {
      void vscode.window.showInformationMessage('The model still writes. Accept the edit when it is done.');
      return;
    }
    if (document.isClosed) return this.#dropClosed(edit);
    // A second press while the first one is carried out.
    if (this.#accepting.has(edit)) return;
    this.#accepting.add(edit);
    try {
      await this.#acceptOpen(edit, proposed, part);
    } finally {
      this.#accepting.delete(edit);
    }
  }

  async #acceptOpen(edit: OpenEdit, proposed: ProposedEdit, part: AcceptedPart): Promise<void> {
    const { document } = edit;
    const ids = part === 'all' ? proposed.openIds : this.#idsAtCursor(edit, proposed);
    const viewColumn = vscode.window.tabGroups.activeTabGroup.viewColumn;
    const editor = await vscode.window.showTextDocument(document, { viewColumn, preview: false });
    const before = linesOf(document.getText());
    const known = this.#errors.knownIn(document);
    const outcome = await this.#write(editor, { proposed, ids });
    if (outcome.type === 'refused') {
      await this.#show(edit);
      void vscode.window.showWarningMessage(outcome.message);
      return;
    }
    const applied = this.#applied.add({ document, before, afterText: outcome.text });
    if (proposed.openIds.length === 0) await this.#end(edit);
    else await this.#show(edit);
    this.#changed.fire();
    const message = `${counted(ids.length, 'change')} applied to ${fileNameOf(document)}.`;
    void this.#offerTakeBack(applied, `${message}${formatWords[outcome.formatFailure ?? 'none']}`);
    void this.#reportNewErrors(applied, known);
  }

  /** Closes an edit without a change of the document, and ends its request where that still runs. */
  async discard(): Promise<void> {
    await this.#end(this.#chosen());
  }

  /** Undoes the edit that was accepted last, as long as its document was not changed since. */
  async takeBack(): Promise<void> {
    const { last } = this.#applied;
    if (last === null)
      throw new CodedError('parameter.invalid', 'No edit was accepted in this window.', 'Accept one first.');
    await this.#applied.takeBack(last);
    this.#changed.fire();
  }

  dispose(): void {
    for (const edit of this.#open) edit.cancellation.cancel();
    this.#subscriptions.dispose();
  }

  async #write(
    editor: vscode.TextEditor,
    { proposed, ids }: { readonly proposed: ProposedEdit; readonly ids: readonly number[] },
  ): Promise<WriteOutcome> {
    const fileName = fileNameOf(editor.document);
    const taken = proposed.take(ids, linesOf(editor.document.getText()));
    if (taken.type === 'refused') return { type: 'refused', message: refusedMessage(fileName, taken) };
    const written = await writeChanges(editor, taken.changes, { isFormatted: true });
    if (written === null) {
      const why = `${fileName} cannot be written to: it is read-only, or was changed at that moment.`;
      return { type: 'refused', message: `${why} Nothing was applied.` };
    }
    proposed.close(ids);
    return { type: 'written', ...written };
  }

  async #offerTakeBack(applied: AppliedEdit, message: string): Promise<void> {
    const takeBack = 'Take Back';
    const chosen = await vscode.window.showInformationMessage(message, takeBack);
    if (chosen !== takeBack) return;
    await this.#applied.takeBack(applied);
    this.#changed.fire();
  }

  /** Says which errors the editor finds that were not there before an edit, and offers to take it back. Silent without any. */
  async #reportNewErrors(applied: AppliedEdit, known: readonly KnownError[]): Promise<void> {
    const { document, before, afterText } = applied;
    // Errors of what was typed since would be taken for those of the edit.
    if (document.getText() !== afterText) return;
    const moved = movedErrors(known, lineDiff(before, linesOf(afterText)));
    const errors = await this.#errors.firstNew(document, moved);
    const [first] = errors;
    if (first === undefined) return;
    const [takeBack, show] = ['Take Back', 'Show Error'];
    const message = newErrorsMessage(fileNameOf(document), errors);
    const chosen = await vscode.window.showWarningMessage(message, takeBack, show);
    if (chosen === show) await vscode.window.showTextDocument(document, { selection: first.range });
    if (chosen !== takeBack) return;
    await this.#applied.takeBack(applied);
    this.#changed.fire();
  }

  #begin(document: vscode.TextDocument, asked: EditRequest): OpenEdit {
    const words = asked.instruction === '' ? editNames[asked.kind] : asked.instruction;
    const edit: OpenEdit = {
      document,
      asked,
      uri: this.#preview.uriFor(document),
      title: editTitle(fileNameOf(document), words),
      cancellation: new vscode.CancellationTokenSource(),
      base: linesOf(document.getText()),
      answer: new FirstAnswer(),
      changes: [],
      proposed: null,
      shown: null,
    };
    this.#open.add(edit);
    this.#changed.fire();
    return edit;
  }

  /** Shows edits for the user to decide; `whyNone` says in words why there are none. */
  async #offer(edit: OpenEdit, edits: readonly RangeEdit[], whyNone: () => string): Promise<void> {
    // Closed, or discarded, while the model wrote.
    if (!this.#open.has(edit)) return;
    const proposed = new ProposedEdit(edit.base, edits, edit.changes);
    if (proposed.openIds.length === 0) {
      await this.#end(edit);
      void vscode.window.showInformationMessage(whyNone());
      return;
    }
    edit.proposed = proposed;
    await edit.shown;
    this.#preview.refresh(edit.uri);
    // To the first change, unless the user went elsewhere meanwhile.
    if (edit.shown === null || this.#isInFront(edit)) {
      edit.shown = this.#show(edit);
      await edit.shown;
    }
  }

  /** Whether a model that is too weak by what was measured is to edit all the same, from now on. */
  async #wantsWeakModel({ message, remedy }: CodedError): Promise<boolean> {
    const [anyway, choose] = ['Ask Anyway', 'Choose Model'];
    const chosen = await vscode.window.showWarningMessage(`${message} ${remedy}`, anyway, choose);
    const command: CommandId = 'entropane.chooseModel';
    if (chosen === choose) await vscode.commands.executeCommand(command);
    this.#asksWeakModels ||= chosen === anyway;
    return chosen === anyway;
  }

  #follow(edit: OpenEdit, contentChanges: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const changes = contentChanges.map(({ range, text }) => ({ range: documentRangeOf(range), text }));
    if (edit.proposed === null) edit.changes.push(...changes);
    else edit.proposed.follow(changes);
    this.#preview.refresh(edit.uri);
  }

  async #show(edit: OpenEdit): Promise<void> {
    const placed = edit.proposed?.preview(linesOf(edit.document.getText())).placed;
    const line = placed?.[0]?.shownAt ?? edit.asked.range.start.line;
    await this.#preview.show(edit, { text: () => textShown(edit), line });
  }

  /** Two of one document would write over each other. */
  async #endAll(document: vscode.TextDocument): Promise<void> {
    for (let [earlier] = this.#editsOf(document); earlier !== undefined; [earlier] = this.#editsOf(document))
      await this.#end(earlier);
  }

  /** Ends the request, and closes the comparison. */
  async #end(edit: OpenEdit): Promise<void> {
    this.#forget(edit);
    // Where it could not be opened, that call has said why.
    await edit.shown?.catch(() => undefined);
    await this.#preview.close(edit.uri);
  }

  #forget(edit: OpenEdit): void {
    if (!this.#open.delete(edit)) return;
    edit.cancellation.cancel();
    this.#changed.fire();
  }

  async #dropClosed(edit: OpenEdit): Promise<void> {
    await this.#end(edit);
    void vscode.window.showWarningMessage(
      `${fileNameOf(edit.document)} was closed, so its edit was dropped. Nothing was applied. Open it and ask again.`,
    );
  }

  #idsAtCursor(edit: OpenEdit, proposed: ProposedEdit): readonly number[] {
    const editor = vscode.window.activeTextEditor;
    const { placed } = proposed.preview(linesOf(edit.document.getText()));
    const isPreview = editor?.document.uri.toString() === edit.uri.toString();
    if (editor === undefined || (!isPreview && editor.document !== edit.document)) {
      const fileName = fileNameOf(edit.document);
      throw new CodedError(
        'parameter.invalid',
        `The cursor is not in ${fileName}.`,
        'Put it into the change to accept.',
      );
    }
    const hunk = hunkAt(placed, editor.selection.active.line, isPreview ? 'preview' : 'document');
    // Where none fits, the first one says why.
    return hunk === null ? proposed.openIds.slice(0, 1) : [hunk.id];
  }

  /** The edit of the tab in front, else of the document in front, else the only one. */
  #chosen(): OpenEdit {
    const shown = shownIn(vscode.window.tabGroups.activeTabGroup.activeTab);
    const document = vscode.window.activeTextEditor?.document;
    const [ofDocument] = document === undefined ? [] : this.#editsOf(document);
    const [only, ...others] = [...this.#open];
    const edit =
      (shown === null ? null : this.#withUri(shown)) ?? ofDocument ?? (others.length > 0 ? null : only);
    if (edit === undefined || edit === null) {
      throw new CodedError(
        'parameter.invalid',
        'No edit is shown here.',
        'Open its comparison, or ask for an edit.',
      );
    }
    return edit;
  }

  #isInFront({ uri }: OpenEdit): boolean {
    const shown = shownIn(vscode.window.tabGroups.activeTabGroup.activeTab);
    return shown?.toString() === uri.toString();
  }

  #withUri(uri: vscode.Uri): OpenEdit | null {
    return [...this.#open].find((edit) => edit.uri.toString() === uri.toString()) ?? null;
  }

  #editsOf(document: vscode.TextDocument): readonly OpenEdit[] {
    return [...this.#open].filter((edit) => edit.document === document);
  }
}

/** What the right side of a comparison shows now. */
function textShown({ document, proposed, answer, asked, base, changes }: OpenEdit): string {
  const lines = linesOf(document.getText());
  const code = endedCode(answer.text);
  const draft = code === null ? lines : followedDraft(draftOf(base, asked, code), { base, changes }, lines);
  const shown = proposed === null ? draft : proposed.preview(lines).lines;
  return shown.join(lineEndIn(document));
}
