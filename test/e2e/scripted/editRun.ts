import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { EditWork } from '../editWork.ts';
import type { Typed } from './companionCalls.ts';
import type { EditCase } from './editCases.ts';
import { textSaying } from './saidAnswer.ts';
import type { ScriptedSession } from './scriptedSession.ts';

/** VS Code shows no fourth message within 0.8 s: before one that is read, there is as long a pause. */
const messageBurstMs = 900;

/** What became of the document of one edit. */
export interface EditOutcome {
  /** The text before each accept, and after the last. */
  readonly states: readonly string[];
  /** The text after each undo, the last accept's first; then after each redo. */
  readonly undone: readonly string[];
  readonly redone: readonly string[];
  /** On disk before it was saved, and after; null where it has no file. */
  readonly unsaved: string | null;
  readonly saved: string | null;
}

/** A document that is edited in the editor under test. */
export interface EditedFile {
  readonly uri: string;
  /** Of its file, below its root. */
  readonly name: string;
  /** Null for a document that was never saved. */
  readonly path: string | null;
}

/** Edits in a real editor, asked by the command Fix: the problem that it fixes says what the model answers. */
export class EditRun {
  readonly #at: ScriptedSession;
  readonly #work: EditWork;
  #files = 0;

  constructor(at: ScriptedSession, work: EditWork) {
    this.#at = at;
    this.#work = work;
  }

  /** Opens a document with this text in a file of its own. */
  async open(
    edit: Pick<EditCase, 'text' | 'ending' | 'encoding' | 'isUntitled'>,
    { root = 'workspace', name = `edit-${this.#files++}`, isBeside = false } = {},
  ): Promise<EditedFile> {
    const { text, ending = '.txt', encoding, isUntitled = false } = edit;
    if (isUntitled) return { uri: await this.#at.line.call('openUntitled', { text }), name, path: null };
    const path = this.#at.session.pathOf(`${root}/${name}${ending}`);
    await writeFile(path, text, bufferEncoding(encoding));
    const uri = await this.#at.line.call('open', { path, isBeside, ...(encoding && { encoding }) });
    return { uri, name: name + ending, path };
  }

  /** Has the model write an edit of lines of the document in front; resolves once it is shown, or there is none. */
  async ask(
    { uri }: EditedFile,
    [first, last]: readonly [number, number],
    {
      answer,
      typed = [],
    }: { readonly answer: string | readonly string[]; readonly typed?: readonly Typed[] },
  ): Promise<void> {
    const { line } = this.#at;
    const isHeld = typed.length > 0;
    await line.call('select', { first, last });
    await line.call('report', {
      uri,
      found: [{ line: first, message: textSaying(answer, { pace: isHeld ? 'held' : 'said' }) }],
    });
    const held = isHeld ? line.whenHeld() : null;
    const asking = this.run('entropane.fix');
    if (held !== null) {
      await held;
      await line.call('type', { uri, typed });
      await line.letWrite();
    }
    await asking;
    await line.call('report', { uri, found: [] });
  }

  /** Runs all of a case; what is refused leaves one state. */
  async play(edit: EditCase): Promise<EditOutcome> {
    const { line } = this.#at;
    const file = await this.open(edit);
    const { uri } = file;
    await line.call('type', { uri, typed: edit.typedBefore ?? [] });
    if (typeof edit.expected !== 'string') await delay(messageBurstMs);
    await this.ask(file, edit.lines, { answer: edit.answer, typed: edit.typedWhileWriting ?? [] });
    await line.call('type', { uri, typed: edit.typedLater ?? [] });
    const states = [await this.textOf(file)];
    if (typeof edit.expected !== 'string') {
      if ('refused' in edit.expected) {
        await this.run('entropane.acceptEdit');
        await this.#work.messageSays(edit.expected.refused);
        await this.run('entropane.discardEdit');
      } else await this.#work.messageSays(edit.expected.none);
      return {
        states: [...states, await this.textOf(file)],
        undone: [],
        redone: [],
        unsaved: null,
        saved: null,
      };
    }
    for (const at of edit.acceptedAt ?? [null]) {
      if (at !== null) await line.call('select', { first: at, last: at });
      await this.run(at === null ? 'entropane.acceptEdit' : 'entropane.acceptChange');
      states.push(await this.textOf(file));
    }
    const unsaved = await readText(file, edit.encoding);
    const { undone, redone } = await this.undoAndRedo(file, states.length - 1);
    if (file.path !== null) await this.run('workbench.action.files.save');
    return { states, undone, redone, unsaved, saved: await readText(file, edit.encoding) };
  }

  /** The text after each of so many undo steps, and after each redo step. */
  async undoAndRedo(file: EditedFile, count: number): Promise<Pick<EditOutcome, 'undone' | 'redone'>> {
    await this.#at.line.call('show', { uri: file.uri });
    const steps = async (command: string): Promise<readonly string[]> => {
      const texts: string[] = [];
      for (let step = 0; step < count; step++) {
        await this.run(command);
        texts.push(await this.textOf(file));
      }
      return texts;
    };
    return { undone: await steps('undo'), redone: await steps('redo') };
  }

  run(command: string): Promise<null> {
    return this.#at.line.call('run', { command });
  }

  textOf({ uri }: EditedFile): Promise<string> {
    return this.#at.line.call('read', { uri });
  }

  /** Comparisons that are open. */
  async comparisons(): Promise<number> {
    return (await this.#at.line.call('place', null)).comparisons;
  }

  /** Closes what a test left open, without a question. */
  async clear(): Promise<void> {
    await this.run('notifications.clearAll');
    while ((await this.#at.line.call('place', null)).uri !== null)
      await this.run('workbench.action.revertAndCloseActiveEditor');
    await this.run('workbench.action.closeAllEditors');
  }
}

/** What a document has on disk, byte by byte as it was written; null where it has no file. */
async function readText({ path }: EditedFile, encoding: EditCase['encoding']): Promise<string | null> {
  return path === null ? null : readFile(path, bufferEncoding(encoding));
}

function bufferEncoding(encoding: EditCase['encoding']): BufferEncoding {
  return encoding === 'windows1252' ? 'latin1' : 'utf8';
}
