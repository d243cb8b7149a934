import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import type { CompanionCall, CompanionCalls, CompanionReply, Place, Typed } from './companionCalls.ts';

/**
 * An extension beside the one under test, which does in the editor what a user does there and other extensions do: opens and
 * changes documents, reports problems, formats. It is called over a socket of the test.
 */
export function activate(context: vscode.ExtensionContext): void {
  const problems = vscode.languages.createDiagnosticCollection('companion');
  const line = connect(Number(process.env['ENTROPANE_TEST_PORT']), '127.0.0.1');
  const send = (reply: CompanionReply): void => {
    line.write(`${JSON.stringify(reply)}\n`);
  };
  const formatter = { thrown: 0 };
  line.write('companion\n');
  createInterface({ input: line }).on('line', (text) => {
    const call = JSON.parse(text) as CompanionCall;
    const { id } = call;
    answer(callsWith(problems, formatter), call).then(
      (value: unknown) => {
        send({ id, value });
      },
      (error: unknown) => {
        send({ id, error: String(error) });
      },
    );
  });
  context.subscriptions.push(
    problems,
    { dispose: () => line.destroy() },
    // Everything twice as far to the right, asked or not.
    vscode.languages.registerDocumentRangeFormattingEditProvider('indents', {
      provideDocumentRangeFormattingEdits: (document) =>
        linesOf(document).flatMap(({ range, firstNonWhitespaceCharacterIndex: lead }) =>
          lead === 0 ? [] : [vscode.TextEdit.insert(range.start, ' '.repeat(lead))],
        ),
    }),
    // The same for a whole document, as one edit of all of it.
    vscode.languages.registerDocumentFormattingEditProvider('rewrites', {
      provideDocumentFormattingEdits: (document) => {
        const text = linesOf(document).map(
          (line) => ' '.repeat(line.firstNonWhitespaceCharacterIndex) + line.text,
        );
        const whole = new vscode.Range(
          new vscode.Position(0, 0),
          document.lineAt(document.lineCount - 1).range.end,
        );
        return [vscode.TextEdit.replace(whole, text.join('\n'))];
      },
    }),
    vscode.languages.registerDocumentRangeFormattingEditProvider('throws', {
      provideDocumentRangeFormattingEdits: () => {
        formatter.thrown += 1;
        throw new Error('This formatter fails.');
      },
    }),
  );
}

type Answers = {
  readonly [N in keyof CompanionCalls]: (
    given: CompanionCalls[N]['given'],
  ) => Promise<CompanionCalls[N]['value']>;
};

async function answer<N extends keyof CompanionCalls>(
  answers: Answers,
  { name, given }: CompanionCall<N>,
): Promise<CompanionCalls[N]['value']> {
  return answers[name](given);
}

function callsWith(problems: vscode.DiagnosticCollection, formatter: { readonly thrown: number }): Answers {
  return {
    open: async ({ path, encoding, isBeside }) => {
      const document = await vscode.workspace.openTextDocument(
        vscode.Uri.file(path),
        encoding === undefined ? undefined : { encoding },
      );
      await vscode.window.showTextDocument(document, {
        preview: false,
        viewColumn: isBeside === true ? vscode.ViewColumn.Two : vscode.ViewColumn.One,
      });
      return document.uri.toString();
    },
    openUntitled: async ({ text }) => {
      const document = await vscode.workspace.openTextDocument({ content: text });
      await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.One });
      return document.uri.toString();
    },
    show: async ({ uri }) => {
      await vscode.window.showTextDocument(documentOf(uri), { preview: false });
      return null;
    },
    select: ({ first, last }) => {
      const editor = activeEditor();
      editor.selection =
        last === undefined
          ? new vscode.Selection(first, 0, first, 0)
          : new vscode.Selection(first, 0, last, editor.document.lineAt(last).text.length);
      return Promise.resolve(null);
    },
    configure: async ({ name, value }) => {
      const target = vscode.ConfigurationTarget.Global;
      await vscode.workspace.getConfiguration().update(name, value ?? undefined, target);
      return null;
    },
    offers: async (place) => (await offersAt(place)).map(({ title }) => title),
    take: async ({ title, ...place }) => {
      const { command } = (await offersAt(place)).find((offer) => offer.title === title) ?? {};
      if (command === undefined) throw new Error(`${title} is not offered.`);
      await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
      return null;
    },
    report: ({ uri, found }) => {
      const reported = found.map(({ line, message }) => {
        const { range } = documentOf(uri).lineAt(line);
        return new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
      });
      problems.set(vscode.Uri.parse(uri), reported);
      return Promise.resolve(null);
    },
    type: async ({ uri, typed }) => {
      for (const one of typed) {
        const edit = new vscode.WorkspaceEdit();
        edit.replace(vscode.Uri.parse(uri), rangeOf(one), one[4]);
        if (!(await vscode.workspace.applyEdit(edit)))
          throw new Error('The editor did not take what was typed.');
      }
      return null;
    },
    run: async ({ command }) => {
      await vscode.commands.executeCommand(command);
      return null;
    },
    acceptAndType: async ({ uri, typed }) => {
      // The first change of the document is the edit's; a key is pressed in that moment.
      const pressed = new Promise<void>((resolve, reject) => {
        const listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
          if (document.uri.toString() !== uri || contentChanges.length === 0) return;
          listener.dispose();
          const edit = new vscode.WorkspaceEdit();
          edit.replace(document.uri, rangeOf(typed), typed[4]);
          vscode.workspace.applyEdit(edit).then(() => {
            resolve();
          }, reject);
        });
      });
      await vscode.commands.executeCommand('entropane.acceptEdit');
      await pressed;
      return null;
    },
    thrown: () => Promise.resolve(formatter.thrown),
    read: ({ uri }) => Promise.resolve(documentOf(uri).getText()),
    place: () => Promise.resolve(placeNow()),
  };
}

/** What a hover over the problems of a line offers, or the menu at its beginning where it has none. */
async function offersAt({
  uri,
  line,
}: {
  readonly uri: string;
  readonly line: number;
}): Promise<readonly vscode.CodeAction[]> {
  const { range } = documentOf(uri).lineAt(line);
  const problems = vscode.languages.getDiagnostics(vscode.Uri.parse(uri));
  const at = problems.some((problem) => problem.range.start.line === line)
    ? range
    : new vscode.Range(range.start, range.start);
  const offers = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    vscode.Uri.parse(uri),
    at,
  );
  return offers.filter(({ title }) => title.includes('Entropane'));
}

function placeNow(): Place {
  const { activeTextEditor, tabGroups } = vscode.window;
  const tabs = tabGroups.all.flatMap((group) => group.tabs);
  return {
    uri: activeTextEditor?.document.uri.toString() ?? null,
    line: activeTextEditor?.selection.active.line ?? null,
    comparisons: tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff).length,
  };
}

function activeEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Error('No editor has the focus.');
  return editor;
}

function documentOf(uri: string): vscode.TextDocument {
  const document = vscode.workspace.textDocuments.find((other) => other.uri.toString() === uri);
  if (document === undefined) throw new Error(`${uri} is not open.`);
  return document;
}

function linesOf(document: vscode.TextDocument): readonly vscode.TextLine[] {
  return Array.from({ length: document.lineCount }, (_, index) => document.lineAt(index));
}

function rangeOf([line, character, endLine, endCharacter]: Typed): vscode.Range {
  return new vscode.Range(line, character, endLine, endCharacter);
}
