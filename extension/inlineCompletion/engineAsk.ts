import * as vscode from 'vscode';
import type { CompleteParams } from '../../protocol/messages.ts';
import { assumedWith, isSamePlace } from './cursorWindow.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { lineEndOf, windowIn } from './documentWindow.ts';
import { type Ask, type FlightResult, insertionOf } from './flight.ts';
import type { EngineRequest } from './ghostText.ts';

/** How the engine is asked over the wire. Whatever goes wrong is a reason for showing nothing. */
export function askEngine(
  supervisor: SidecarSupervisor,
  log: vscode.LogOutputChannel,
): (request: EngineRequest) => Ask {
  return (request) => async (onProgress, signal) => {
    const { connection } = supervisor;
    if (connection === null) return quiet('engineNotReady');
    if (!isThere(request)) return quiet('stale');
    const cancellation = new vscode.CancellationTokenSource();
    signal.addEventListener('abort', () => {
      cancellation.cancel();
    });
    try {
      const { items, report } = await connection.complete(paramsOf(request), onProgress, cancellation.token);
      if (items.length === 0)
        return { type: 'quiet', reason: report.suppressed ?? 'emptyCompletion', report };
      return { type: 'items', items: items.map(insertionOf), report };
    } catch (thrown) {
      const error = toRequestError(thrown);
      if (error.code === 'cancelled') return quiet('cancelled');
      if (error.code === 'sidecar.gone' || error.code === 'model.missing') return quiet('engineNotReady');
      if (error.code === 'completion.unsupported') return quiet('modelLacksInfill');
      log.warn(`Completion failed (${error.code}): ${error.message} ${error.remedy}`);
      return quiet('failed');
    } finally {
      cancellation.dispose();
    }
  };
}

function paramsOf({ window, trigger, candidates, accepted }: EngineRequest): CompleteParams {
  const editor = editorOf(window.uri);
  const lineEnd = editor === undefined ? '\n' : lineEndOf(editor.document);
  const assumed = accepted === null ? window.assumed : assumedWith(window, accepted, lineEnd);
  return {
    textDocument: { uri: window.uri },
    position: window.position,
    trigger,
    candidates,
    // What was typed meanwhile may be what it writes.
    acceptsStale: true,
    // What follows may differ from cursor to cursor.
    ...((editor?.selections.length ?? 0) > 1 && { insertsOnly: true }),
    ...(assumed !== null && { assumed }),
    ...(editor !== undefined && formattingOf(editor)),
  };
}

/** Whether the document is as it was when the request was thought of: a timer may run before the editor calls it off. */
function isThere({ window }: EngineRequest): boolean {
  const editor = editorOf(window.uri);
  const { position, assumed } = window;
  return (
    editor === undefined || isSamePlace(windowIn(editor.document, { position, selected: assumed }), window)
  );
}

/** An editor that shows a document, mostly the one that is typed in: to look through all documents takes milliseconds. */
function editorOf(uri: string): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const isOf = (editor: vscode.TextEditor | undefined): boolean => editor?.document.uri.toString() === uri;
  return isOf(activeTextEditor) ? activeTextEditor : visibleTextEditors.find(isOf);
}

/** How an editor indents. */
function formattingOf({ options }: vscode.TextEditor): Pick<CompleteParams, 'formatting'> {
  const { tabSize, insertSpaces } = options;
  return typeof tabSize === 'number' && typeof insertSpaces === 'boolean'
    ? { formatting: { tabSize, insertSpaces } }
    : {};
}

function quiet(reason: Extract<FlightResult, { type: 'quiet' }>['reason']): FlightResult {
  return { type: 'quiet', reason, report: null };
}
