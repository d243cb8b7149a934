import { toCodedError } from '../../protocol/codedError.ts';
import type { AskParams, AskResult } from '../../protocol/messages.ts';
import type { Clock } from '../process/clock.ts';
import { viewPathOf } from '../trace/viewPath.ts';
import { answerText } from './answerText.ts';
import { answerLines, costLines } from './drawing/requestView.ts';
import { LiveDrawing, viewOptions } from './liveDrawing.ts';
import type { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks one question for a reader: draws what happens, live where there is a terminal and a line now and then elsewhere,
 * prints the answer, then says what it cost and where the trace and its HTML view are. Returns the exit code.
 */
export async function askQuestion(
  client: Pick<SidecarClient, 'request'>,
  params: AskParams,
  surroundings: { readonly terminal: Terminal; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<number> {
  const { terminal, clock, signal } = surroundings;
  const drawing = new LiveDrawing(client, terminal, clock);
  let result: AskResult;
  try {
    result = await client.request('entropane/ask', params, {
      signal,
      onPartial: (events) => {
        drawing.take(events);
      },
    });
  } finally {
    await drawing.dispose();
  }
  const text = answerText(result);
  if (text !== '') printAnswer(text, terminal);
  for (const line of costLines(drawing.state, viewOptions(terminal.progress))) terminal.note(line);
  await exportView(client, result, terminal);
  return result.reason === 'cancelled' ? 1 : 0;
}

/** A row of its own beside the others on a terminal; elsewhere the answer and nothing else. */
function printAnswer(text: string, { output, print }: Terminal): void {
  print(output.isTerminal ? answerLines(text, viewOptions(output)).join('\n') : text);
}

/** Writes the view of the answer; a failure is only noted, since the answer is there already. */
async function exportView(
  client: Pick<SidecarClient, 'request'>,
  result: AskResult,
  terminal: Terminal,
): Promise<void> {
  const { requestId, tracePath } = result;
  if (tracePath === null) return;
  const params = { requestId, outputPath: viewPathOf(tracePath) };
  try {
    // Also after Ctrl-C: what was found out by then is what one wants to look at.
    const signal = new AbortController().signal;
    const { path } = await client.request('entropane/traces/export', params, { signal });
    terminal.note(`trace: ${tracePath}`);
    terminal.note(`view:  ${path}`);
  } catch (thrown) {
    const { message, remedy } = toCodedError(thrown);
    terminal.note(`${message}\n${remedy}`);
  }
}
