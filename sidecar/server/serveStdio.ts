import { randomInt } from 'node:crypto';
import path from 'node:path';
import { examineSidecar } from '../doctor/examineSidecar.ts';
import { createLlamaEngine } from '../engine/llama/llamaEngine.ts';
import { machineTrials } from '../machineTrials.ts';
import { systemClock } from '../trace/clock.ts';
import { Application } from './application.ts';
import { serve } from './connection.ts';
import { guardStdout } from './stdoutGuard.ts';

/** How long running work may take to end once the client has gone; then the process ends regardless. */
const farewellMs = 2000;

/**
 * The language server on this process's standard streams, until the client says `exit` or goes away: closes the
 * stream, or ends as a process. Everything that is not a frame goes to standard error.
 */
export function serveStdio(process: NodeJS.Process, bundleFolder: string): void {
  const output = guardStdout(process);
  const log = (line: string): void => {
    process.stderr.write(`[entropane] ${line}\n`);
  };
  const environment = process.env;
  const trials = machineTrials({
    bundleFolder,
    storePath: () => application.storePath,
    environment,
    clock: systemClock,
    log,
  });
  const application: Application = new Application({
    engine: createLlamaEngine({ bundleFolder, trials }),
    clock: systemClock,
    viewsFolder: path.join(bundleFolder, 'webview'),
    syntaxFolder: path.join(bundleFolder, 'syntax'),
    // The bundles lie in `dist`; what ships with them is one level above.
    shippedProbeFolder: path.join(path.dirname(bundleFolder), 'media', 'probes'),
    examine: (context) => examineSidecar({ bundleFolder, trials, environment, clock: systemClock }, context),
    environment,
    processId: process.pid,
    drawSeed: () => randomInt(2 ** 32),
    log,
  });
  // A decode in progress would hold up the end of the process: abort it first, whoever ends the process. A trace that
  // is open by then tells its end.
  process.on('exit', () => {
    application.endNow();
  });
  process.on('unhandledRejection', (reason) => {
    log(
      `unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    );
  });
  const leave = (): void => {
    setTimeout(() => process.exit(0), farewellMs).unref();
    void application.dispose().finally(() => process.exit(0));
  };
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  serve({ input: process.stdin, output }, application, { log, onClientGone: leave });
}
