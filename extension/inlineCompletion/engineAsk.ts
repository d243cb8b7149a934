import * as vscode from 'vscode';
import type { CompleteParams } from '../../protocol/messages.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { withLineEnds } from './documentWindow.ts';
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
  return {
    textDocument: { uri: window.uri },
    position: window.position,
    trigger,
    candidates,
    // What was typed meanwhile may be what it writes.
    acceptsStale: true,
    ...(accepted !== null && { accepted: acceptedIn(window.uri, accepted) }),
  };
}

function acceptedIn(
  uri: string,
  { text, replacedLength }: NonNullable<EngineRequest['accepted']>,
): CompleteParams['accepted'] {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
  return { text: withLineEnds(text, document?.eol ?? vscode.EndOfLine.LF), replacedLength };
}

function quiet(reason: Extract<FlightResult, { type: 'quiet' }>['reason']): FlightResult {
  return { type: 'quiet', reason, report: null };
}
