import * as vscode from 'vscode';
import type { Attachment } from '../../protocol/attachment.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { ContextChip, EditOffer, OfferedContext } from '../../protocol/panelMessages.ts';
import { editScheme } from '../config/editScheme.ts';
import type { AskedQuestion } from './askedQuestions.ts';
import {
  type ContextChoices,
  type ContextPlace,
  contextChips,
  editChips,
  editOffer,
  fileChip,
  namedFiles,
  rankedPaths,
  searchPattern,
} from './contextChips.ts';
import type { LastTextEditor } from './lastTextEditor.ts';
import { problemsIn } from './problems.ts';

/** Bytes of a file that goes along, at most: no context has room for more. */
const largestFile = 512 * 1024;
const mostFound = 200;
const mostListed = 12;
/** Never what a question is about, and too many. */
const passedOver = '**/{node_modules,.git}/**';

/** What goes along with a request. `onStarted` is to be called once a model reads it: what was chosen for it is not for the next. */
type WithContext<T> = T & { readonly onStarted: () => void };

/** Selected code that a question is about, with the document that it was read in. */
export interface GivenSelection {
  readonly attachment: Attachment;
  readonly uri: string;
  readonly text: string;
  readonly range: vscode.Range;
}

/**
 * What goes along with the next question or edit, the same for the panel's box and for the commands: chips that the user adds and
 * removes. What was added is for one request.
 */
export class EditorContext implements vscode.Disposable {
  readonly #lastEditor: LastTextEditor;
  readonly #changed = new vscode.EventEmitter<OfferedContext>();
  readonly #selectionGiven = new vscode.EventEmitter<GivenSelection>();
  readonly #subscriptions: vscode.Disposable;
  readonly #given = new Map<ContextChip['id'], boolean>();
  #files: readonly string[] = [];
  #last = '';

  constructor(lastEditor: LastTextEditor) {
    this.#lastEditor = lastEditor;
    const compare = (): void => {
      this.#compare();
    };
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      this.#selectionGiven,
      lastEditor.onChanged(compare),
      vscode.window.onDidChangeTextEditorSelection(compare),
      vscode.languages.onDidChangeDiagnostics(compare),
    );
  }

  /** Fires with what is offered when it has changed. */
  readonly onChanged = this.#changed.event;
  /** Fires with selected code that is to go along with a question, before its document can change. */
  readonly onSelectionGiven = this.#selectionGiven.event;

  get chips(): readonly ContextChip[] {
    return contextChips(this.#place(), this.#choices);
  }

  get offered(): OfferedContext {
    return { chips: this.chips, edit: this.#edit };
  }

  /** What goes along with an edit of lines of a document about which so many problems are reported, and what could. */
  chipsOfEdit({ uri }: vscode.TextDocument, problemCount: number): readonly ContextChip[] {
    const place = { uri: uri.toString(), path: vscode.workspace.asRelativePath(uri), problemCount };
    return editChips(place, this.#choices);
  }

  /** The files that a text names by `#path` and that are there, beside those of the chips. */
  async chipsTyped(text: string): Promise<readonly ContextChip[]> {
    const paths = namedFiles(text).filter((path) => !this.#files.includes(path));
    const uris = await Promise.all(paths.map(fileNamed));
    return paths
      .filter((_path, index) => uris[index] !== null)
      .map((path) => fileChip(path, this.#given.get(`#${path}`) ?? true));
  }

  /** Has something that is offered go along. */
  give(id: ContextChip['id']): void {
    this.#given.set(id, true);
    this.#compare();
  }

  remove(id: ContextChip['id']): void {
    this.#files = this.#files.filter((path) => `#${path}` !== id);
    this.#given.set(id, false);
    this.#compare();
  }

  /** Has a file of the workspace go along, by the path that it was found under. */
  add(path: string): void {
    if (!this.#files.includes(path)) this.#files = [...this.#files, path];
    this.#compare();
  }

  /** Files of the workspace whose paths have what was typed in them. */
  async find(query: string): Promise<readonly string[]> {
    const found = await vscode.workspace.findFiles(searchPattern(query), passedOver, mostFound);
    const paths = found.map((uri) => vscode.workspace.asRelativePath(uri));
    return rankedPaths(paths, query).slice(0, mostListed);
  }

  /**
   * A question with all that goes along with it, files that it names by `#path` included. Throws `parameter.invalid` for a file that
   * is too large or cannot be read.
   */
  async attachTo(question: string): Promise<WithContext<{ readonly question: AskedQuestion }>> {
    const onStarted = this.#forgetterOfChosen();
    const given = this.chips.filter(({ isGiven }) => isGiven);
    const has = (kind: ContextChip['kind']): boolean =>
      given.some((chip) => chip.kind === kind && !chip.id.startsWith('#'));
    const { editor } = this.#lastEditor;
    const selection = editor !== null && has('selection') ? this.giveSelection(editor) : null;
    const file = editor !== null && has('file') ? wholeFile(editor.document) : null;
    const problems = editor !== null && has('problems') ? problemsOf(editor.document) : null;
    const files = await this.#namedIn(question);
    // What a question is about is never left out of its prompt.
    const subject = selection ?? file ?? files[0] ?? null;
    const attachments = [...[...files, file, problems].filter((part) => part !== subject), subject].filter(
      (part) => part !== null,
    );
    return { question: { question, ...(attachments.length > 0 && { attachments }) }, onStarted };
  }

  /** Has what is selected in an editor go along with a question, with how many errors and warnings are in it. */
  giveSelection({ document, selection }: vscode.TextEditor): Attachment {
    const attachment = {
      ...describe(document),
      text: document.getText(selection),
      diagnosticCount: problemsIn(document.uri, selection).length,
    };
    this.#selectionGiven.fire({
      attachment,
      uri: document.uri.toString(),
      text: document.getText(),
      range: document.validateRange(selection),
    });
    return attachment;
  }

  /** What goes along with an edit, by its chips and the files that its words name. Throws as `attachTo` does. */
  async givenToEdit(
    document: vscode.TextDocument,
    { instruction, problemCount }: { readonly instruction: string; readonly problemCount: number },
  ): Promise<WithContext<{ readonly attachments: readonly Attachment[]; readonly hasProblems: boolean }>> {
    const onStarted = this.#forgetterOfChosen();
    const given = this.chipsOfEdit(document, problemCount).filter(({ isGiven }) => isGiven);
    const hasFile = given.some(({ kind, id }) => kind === 'file' && !id.startsWith('#'));
    const files = await this.#namedIn(instruction);
    const attachments = hasFile ? [...files, wholeFile(document)] : files;
    // The edited file has no folder's name before it, and is not to be taken for another.
    const path = vscode.workspace.asRelativePath(document.uri, false);
    const { path: listed } = describe(document);
    return {
      attachments: attachments.map((file) => (file.path === listed ? { ...file, path } : file)),
      hasProblems: given.some(({ kind }) => kind === 'problems'),
      onStarted,
    };
  }

  /** To be called once a model reads a request: what was chosen by now is not for the next. What is chosen later is. */
  #forgetterOfChosen(): () => void {
    const [files, given] = [this.#files, new Map(this.#given)];
    return () => {
      this.#files = this.#files.filter((path) => !files.includes(path));
      for (const [id, isGiven] of given) if (this.#given.get(id) === isGiven) this.#given.delete(id);
      this.#compare();
    };
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  get #choices(): ContextChoices {
    return { given: this.#given, files: this.#files };
  }

  /** The files of the chips, and those that the question names and that are there. */
  async #namedIn(question: string): Promise<readonly Attachment[]> {
    const chosen = await Promise.all(
      this.#files.map(async (path) => {
        const uri = await fileNamed(path);
        if (uri !== null) return readFile(uri);
        throw new CodedError(
          'parameter.invalid',
          `${path} is not there any more, so it cannot go along.`,
          'Leave it out, then ask again.',
        );
      }),
    );
    const others = namedFiles(question).filter(
      (path) => !this.#files.includes(path) && this.#given.get(`#${path}`) !== false,
    );
    // What begins with # and names no file is a word of the question.
    const typed = await Promise.all(
      others.map(async (path) => {
        const uri = await fileNamed(path);
        return uri === null ? null : readFile(uri);
      }),
    );
    return [...chosen, ...typed].filter((file) => file !== null);
  }

  #place(): ContextPlace | null {
    const { editor } = this.#lastEditor;
    if (editor === null) return null;
    const { document, selection } = editor;
    const { start, end } = selection;
    // A selection of whole lines ends at the beginning of the next.
    const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
    return {
      uri: document.uri.toString(),
      path: vscode.workspace.asRelativePath(document.uri),
      selectedLines: selection.isEmpty ? null : { first: start.line + 1, last },
      problemCount: problemsIn(document.uri).length,
    };
  }

  get #edit(): EditOffer | null {
    const place = this.#place();
    const { editor } = this.#lastEditor;
    if (place === null || editor === null || isReadOnly(editor.document)) return null;
    const { document } = editor;
    const lines = place.selectedLines === null ? null : wholeLines(document, place.selectedLines);
    const problemCount = problemsIn(document.uri, lines ?? undefined).length;
    return editOffer({ ...place, problemCount }, this.#choices);
  }

  #compare(): void {
    const { offered } = this;
    const now = JSON.stringify(offered);
    if (now === this.#last) return;
    this.#last = now;
    this.#changed.fire(offered);
  }
}

/** Whether nothing may be written into a document, as far as VS Code says so beforehand. */
export function isReadOnly({ uri: { scheme } }: vscode.TextDocument): boolean {
  return scheme === editScheme || vscode.workspace.fs.isWritableFileSystem(scheme) === false;
}

function wholeFile(document: vscode.TextDocument): Attachment {
  return {
    ...describe(document),
    text: document.getText(),
    diagnosticCount: problemsIn(document.uri).length,
  };
}

function describe({ uri, languageId }: vscode.TextDocument): Pick<Attachment, 'languageId' | 'path'> {
  return { languageId, path: vscode.workspace.asRelativePath(uri) };
}

function problemsOf({ uri }: vscode.TextDocument): Attachment {
  const lines = problemsIn(uri).map(({ range, severity, message }) => {
    const kind = severity === vscode.DiagnosticSeverity.Error ? 'error' : 'warning';
    return `line ${range.start.line + 1}: ${kind}: ${message}`;
  });
  return {
    languageId: '',
    path: `Problems of ${vscode.workspace.asRelativePath(uri)}`,
    text: lines.join('\n'),
  };
}

function wholeLines(
  document: vscode.TextDocument,
  { first, last }: { readonly first: number; readonly last: number },
): vscode.Range {
  // The selection of an editor that is not on show may be of lines that the document no longer has.
  return document.validateRange(new vscode.Range(first - 1, 0, last - 1, Number.MAX_SAFE_INTEGER));
}

/** The file of the workspace that is named so; null where there is none. With several folders a name begins with one's own. */
async function fileNamed(path: string): Promise<vscode.Uri | null> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const places = folders.flatMap(({ uri, name }) => [
    ...(path.startsWith(`${name}/`) ? [vscode.Uri.joinPath(uri, path.slice(name.length + 1))] : []),
    vscode.Uri.joinPath(uri, path),
  ]);
  for (const place of places) {
    const isFile = await vscode.workspace.fs.stat(place).then(
      ({ type }) => (type & vscode.FileType.File) !== 0,
      () => false,
    );
    if (isFile) return place;
  }
  return null;
}

async function readFile(uri: vscode.Uri): Promise<Attachment> {
  const path = vscode.workspace.asRelativePath(uri);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > largestFile) {
    throw new CodedError(
      'parameter.invalid',
      `${path} has ${Math.round(size / 1024)} KiB, and at most ${largestFile / 1024} can go along.`,
      'Select the part that matters instead.',
    );
  }
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    return { ...describe(document), text: document.getText() };
  } catch (cause) {
    throw new CodedError(
      'parameter.invalid',
      `${path} cannot be read as text, so it cannot go along.`,
      'Leave it out, then ask again.',
      { cause },
    );
  }
}
