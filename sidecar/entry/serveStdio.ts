import { randomInt } from 'node:crypto';
import path from 'node:path';
import { Application } from '../app/application.ts';
import { examineSidecar } from '../doctor/examineSidecar.ts';
import { engineBySource } from '../engine/engineBySource.ts';
import { createLlamaEngine, type HaltingEngine } from '../engine/llama/llamaEngine.ts';
import { createRemoteEngine } from '../engine/remote/remoteEngine.ts';
import { adviceFacts } from '../modelHosting/machineAdvice.ts';
import { machineTrials } from '../modelHosting/machineTrials.ts';
import { systemClock } from '../process/clock.ts';
import { endSignals } from '../process/endSignals.ts';
import { serve } from '../server/connection.ts';
import { Watchdog } from './liveness/watchdog.ts';
import { guardStdout } from '../server/stdoutGuard.ts';
import { sandboxOf } from '../verify/confinement/probeSandbox.ts';

/** How long running work may take to end once the client has gone; then the process ends regardless. */
const shutdownTimeoutMs = 2000;
/** How long the engine thread may take to come out of native code once the process exits. */
const haltMs = 1000;

/**
 * The language server on this process's standard streams, until the client says `exit` or goes away: closes the
 * stream, or ends as a process. Everything that is not a frame goes to standard error. A process whose threads are blocked
 * ends, too: by SIGKILL, within 5 s of its parent.
 */
export function serveStdio(process: NodeJS.Process, bundleFolder: string): void {
  const output = guardStdout(process);
  const log = (line: string): void => {
    process.stderr.write(`[entropane] ${line}\n`);
  };
  const { engine, application } = openApplication(process, bundleFolder, log);
  // However the process ends, open traces get their last event first. Node then waits for the engine thread, and a native
  // call there may never return.
  process.on('exit', () => {
    application.endNow();
    if (engine.halt(haltMs)) return;
    log('a native call does not return; the process ends by force');
    process.kill(process.pid, 'SIGKILL');
  });
  process.on('unhandledRejection', (reason) => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    log(`unhandled rejection: ${text}`);
  });
  let isLeaving = false;
  const leave = (): void => {
    if (isLeaving) return;
    isLeaving = true;
    watchdog.expectEnd();
    setTimeout(() => process.exit(0), shutdownTimeoutMs).unref();
    void application.dispose().finally(() => process.exit(0));
  };
  const watchdog = new Watchdog({
    bundleFolder,
    parentProcessId: process.ppid,
    log,
    onParentGone: leave,
  });
  for (const signal of endSignals(process.platform)) process.on(signal, leave);
  serve({ input: process.stdin, output }, application, {
    log,
    onClientGone: leave,
    onClientProcess: (processId) => {
      watchdog.watchClient(processId);
    },
  });
}

function openApplication(
  { env: environment, platform, pid: processId }: NodeJS.Process,
  bundleFolder: string,
  log: (line: string) => void,
): { readonly engine: HaltingEngine; readonly application: Application } {
  const trials = machineTrials({
    bundleFolder,
    storePath: () => application.storePath,
    environment,
    clock: systemClock,
    log,
  });
  const engine = createLlamaEngine({ bundleFolder, trials });
  const application: Application = new Application({
    engine: engineBySource({
      file: engine,
      server: createRemoteEngine({ now: () => systemClock.now(), log }),
    }),
    clock: systemClock,
    viewsFolder: path.join(bundleFolder, 'webview'),
    syntaxFolder: path.join(bundleFolder, 'syntax'),
    isolation: {
      sandbox: sandboxOf(platform, environment),
      guardFile: path.join(bundleFolder, 'commandGuard.cjs'),
    },
    // The bundles lie in `dist`; what ships with them is one level above.
    shippedProbeFolder: path.join(path.dirname(bundleFolder), 'media', 'probes'),
    examine: (context) =>
      examineSidecar({ bundleFolder, trials, environment, clock: systemClock, advise: adviceFacts }, context),
    environment,
    processId,
    drawSeed: () => randomInt(2 ** 32),
    log,
  });
  return { engine, application };
}
