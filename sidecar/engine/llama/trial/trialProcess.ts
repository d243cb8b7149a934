import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ErrorData } from '../../../../protocol/codedError.ts';
import { onAbort } from '../../../process/onAbort.ts';
import { endText, meaningOfEnd, type ProcessEnd } from '../../../process/processEnd.ts';
import { cancelled } from '../../cancelled.ts';
import { parseTrialMessage, trialFlag, type TrialMessage, type TrialRequest } from './trialProtocol.ts';

export interface TrialTask extends TrialRequest {
  /** Then it counts as hung. */
  readonly limitMs: number;
}

/** How a trial load ended. */
export type TrialOutcome =
  | { readonly type: 'passed' }
  /** In an orderly way, as a load refuses a file. */
  | { readonly type: 'refused'; readonly error: ErrorData }
  /** The process ended in the middle of the load; `how` is the end of a sentence. */
  | { readonly type: 'crashed'; readonly how: string }
  | { readonly type: 'hung' }
  /** By force in the middle of the load: the system does so when memory runs out, and any program may. */
  | { readonly type: 'killed'; readonly how: string }
  /** The process did not get to the file, or was ended by somebody else: the file is not to blame. */
  | { readonly type: 'notTried'; readonly how: string };

/** The end of what the process wrote to standard error. */
const keptErrorBytes = 4000;

/**
 * Loads a file in a process of its own, from the engine's bundle by the Node that runs this program, and resolves once
 * that process has ended. Aborting kills it and throws `cancelled`. It ends with this process, however that ends.
 */
export async function runTrialProcess(
  bundleFolder: string,
  { limitMs, ...request }: TrialTask,
  signal: AbortSignal,
): Promise<TrialOutcome> {
  refuseAborted(signal);
  const child = spawn(
    process.execPath,
    [join(bundleFolder, 'engineThread.cjs'), trialFlag, JSON.stringify(request)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      env: {
        ...process.env,
        // The editor's own program is a Node only when it is asked to be.
        ELECTRON_RUN_AS_NODE: '1',
        // Without it an abort first waits for a debugger to print the stack.
        GGML_NO_BACKTRACE: '1',
      },
    },
  );
  // The pipe stays open as long as this process lives; a child that is gone already closes it.
  child.stdin.on('error', () => undefined);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorBytes);
  });
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, limitMs);
  const stopListening = onAbort(signal, () => {
    child.kill('SIGKILL');
  });
  try {
    const end = await new Promise<TrialEnd>((resolve) => {
      child.on('error', (error) => {
        // Without a process there will be no `close`.
        if (child.pid === undefined) resolve({ type: 'notStarted', why: error.message });
      });
      child.on('close', (code, endSignal) => {
        resolve({ type: 'ended', end: { code, signal: endSignal } });
      });
    });
    refuseAborted(signal);
    const messages = output.split('\n').flatMap((line) => parseTrialMessage(line) ?? []);
    return outcomeOf(messages, { end, errors, isHung });
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

type TrialEnd =
  | { readonly type: 'notStarted'; readonly why: string }
  | { readonly type: 'ended'; readonly end: ProcessEnd };

/** What the messages and the end of a trial process mean. Pure. */
function outcomeOf(
  messages: readonly TrialMessage[],
  { end, errors, isHung }: { readonly end: TrialEnd; readonly errors: string; readonly isHung: boolean },
): TrialOutcome {
  const last = messages.at(-1);
  // Its answer counts, and not how it ended afterwards.
  if (last?.trial === 'passed') return { type: 'passed' };
  if (last?.trial === 'refused') return { type: 'refused', error: last.error };
  if (end.type === 'notStarted') return { type: 'notTried', how: end.why };
  const how = describeEnd(end.end, errors);
  const meaning = meaningOfEnd(end.end, process.platform);
  if (last === undefined || (!isHung && meaning === 'interrupted')) return { type: 'notTried', how };
  if (isHung) return { type: 'hung' };
  return { type: meaning === 'killed' ? 'killed' : 'crashed', how };
}

function describeEnd(processEnd: ProcessEnd, errors: string): string {
  const end = endText(processEnd);
  const lines = errors.split('\n').map((line) => line.trim());
  // The library's own words, without the path of the machine that built it.
  const reason =
    lines.findLast((line) => /GGML_ASSERT|GGML_ABORT|what\(\):/.test(line)) ?? lines.findLast(Boolean);
  return reason === undefined ? end : `${end}: ${reason.replace(/^\S*\/(?=[^/\s]+:\d+: )/, '')}`;
}
