import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { ContextChip } from '../../protocol/panelMessages.ts';
import { completedMention, type ContextRow, contextRows, typedMention } from './contextChips.ts';
import type { EditorContext } from './editorContext.ts';

export interface ContextBoxWords {
  readonly title: string;
  readonly placeholder: string;
  /** What is in the box when it opens. Default none. */
  readonly value?: string;
}

/** What a box lists, and what it makes of the words. */
interface BoxUse<T> {
  /** The row that sends the text: what that does by now. */
  readonly send: () => Pick<ContextRow, 'label' | 'description'>;
  /** Fires where that row has changed. */
  readonly onSendChanged?: vscode.Event<void>;
  readonly chips: () => readonly ContextChip[];
  /** Puts together what goes along. A `CodedError` that it rejects with is shown in the box, and the words stay. */
  readonly attach: (text: string) => Promise<T>;
}

/**
 * Asks for words in a box that lists what goes along with them. A row that is chosen, by key or click, is left out or added; the
 * first row, which Enter takes, sends the words. `#` finds files. Undefined where the user closed it.
 */
export function askWithContext<T>(
  context: EditorContext,
  words: ContextBoxWords,
  use: BoxUse<T>,
): Promise<T | undefined> {
  return new ContextBox(context, words, use).ask();
}

type RowItem = vscode.QuickPickItem & { readonly row: ContextRow };

class ContextBox<T> {
  readonly #context: EditorContext;
  readonly #words: ContextBoxWords;
  readonly #use: BoxUse<T>;
  readonly #picker = vscode.window.createQuickPick<RowItem>();
  #typed: readonly ContextChip[] = [];
  #found: readonly string[] = [];
  /** Why what goes along cannot. */
  #failure: CodedError | null = null;

  constructor(context: EditorContext, words: ContextBoxWords, use: BoxUse<T>) {
    this.#context = context;
    this.#words = words;
    this.#use = use;
  }

  async ask(): Promise<T | undefined> {
    const picker = this.#picker;
    picker.title = this.#words.title;
    picker.placeholder = this.#words.placeholder;
    picker.value = this.#words.value ?? '';
    picker.ignoreFocusOut = true;
    this.#draw();
    if (picker.value !== '') void this.#look();
    const subscriptions = [
      this.#context.onChanged(() => void this.#look()),
      picker.onDidChangeValue(() => void this.#look()),
      this.#use.onSendChanged?.(() => {
        this.#draw();
      }),
    ];
    const answer = new Promise<T | undefined>((resolve, reject) => {
      subscriptions.push(
        picker.onDidAccept(() => {
          const row = picker.activeItems[0]?.row;
          const text = picker.value.trim();
          if (row !== undefined && row.type !== 'send') this.#take(row);
          else if (text !== '')
            this.#send(text).then((sent) => {
              if (sent !== null) resolve(sent.value);
            }, reject);
        }),
        picker.onDidHide(() => {
          resolve(undefined);
        }),
      );
    });
    picker.show();
    try {
      return await answer;
    } finally {
      for (const subscription of subscriptions) subscription?.dispose();
      picker.dispose();
    }
  }

  /** Null where what goes along was refused, or is still being put together. */
  async #send(text: string): Promise<{ readonly value: T } | null> {
    if (this.#picker.busy) return null;
    this.#picker.busy = true;
    try {
      return { value: await this.#use.attach(text) };
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
      this.#failure = thrown;
      this.#draw();
      return null;
    } finally {
      this.#picker.busy = false;
    }
  }

  #take(row: Exclude<ContextRow, { readonly type: 'send' }>): void {
    if (row.type === 'file') {
      this.#picker.value = completedMention(this.#picker.value, row.path);
      this.#context.add(row.path);
    } else if (row.chip.isGiven) {
      this.#context.remove(row.chip.id);
    } else if (this.#typed.includes(row.chip)) {
      this.#context.add(row.chip.title);
    } else {
      this.#context.give(row.chip.id);
    }
    void this.#look();
  }

  /** Finds the files that the text names, and those that its last word may mean. */
  async #look(): Promise<void> {
    this.#failure = null;
    const { value } = this.#picker;
    const query = typedMention(value);
    const [typed, found] = await Promise.all([
      this.#context.chipsTyped(value),
      query === null ? [] : this.#context.find(query),
    ]);
    // Typed on meanwhile: another look follows.
    if (this.#picker.value !== value) return;
    this.#typed = typed;
    this.#found = found;
    this.#draw();
  }

  #draw(): void {
    const chips = [...this.#use.chips(), ...this.#typed];
    const failure = this.#failure;
    const send =
      failure === null
        ? this.#use.send()
        : { label: `$(error) ${failure.message}`, description: failure.remedy };
    this.#picker.items = contextRows(send, chips, this.#found).map((row) => ({
      row,
      label: row.label,
      description: row.description,
      // Whatever is typed: it is a sentence, and no filter.
      alwaysShow: true,
    }));
    // The editor puts rows first that are like the text: Enter sends it all the same, but while a file is being named.
    const [first] = this.#picker.items;
    if (first !== undefined && typedMention(this.#picker.value) === null) this.#picker.activeItems = [first];
  }
}
