import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Application } from '../../../sidecar/app/application.ts';
import { createScriptedEngine } from '../../../sidecar/engine/scripted/scriptedEngine.ts';
import { StepGate } from '../../../sidecar/engine/scripted/stepGate.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { serve } from '../../../sidecar/server/connection.ts';
import { guardStdout } from '../../../sidecar/server/stdoutGuard.ts';
import { sandboxOf } from '../../../sidecar/verify/confinement/probeSandbox.ts';
import { answerSaid } from './saidAnswer.ts';

/**
 * The sidecar as it ships, but for its engine: its model answers what the problem in the prompt says. Takes the place of the
 * built one in an editor under test. An answer that is to be held waits for a word of the test.
 */
const line = connect(Number(process.env['ENTROPANE_TEST_PORT']), '127.0.0.1');
line.write('sidecar\n');
const words = createInterface({ input: line });
const gate = new StepGate();
const next = { prompt: '', isHeld: false, isSlow: false };
/** Between two steps of a slow answer: a model of half a billion weights on a processor. */
const slowStepMs = 20;
/** How often each prompt was answered: candidates of one request have the same. */
const answered = new Map<string, number>();
/** What each sequence writes. */
const writing = new Map<number, { readonly answer: string; readonly promptLength: number }>();

const engine = createScriptedEngine(
  ({ text, sequence, call }) => {
    const begun = writing.get(sequence);
    // Tests are asked for line by line.
    if (call > 0 && begun !== undefined) return begun.answer.slice(text.length - begun.promptLength);
    const { answers, pace } = answerSaid(text);
    const count = answered.get(text) ?? 0;
    answered.set(text, count + 1);
    // Of candidates side by side, the first is held, and the others with it.
    next.isHeld = pace === 'held' && next.prompt !== text;
    next.prompt = text;
    next.isSlow = pace === 'slow';
    const answer = answers[count % answers.length] ?? '';
    writing.set(sequence, { answer, promptLength: text.length });
    return answer;
  },
  { gate },
);

const output = guardStdout(process);
const log = (text: string): void => {
  process.stderr.write(`[scripted] ${text}\n`);
};
const application = new Application({
  engine,
  clock: systemClock,
  viewsFolder: path.join(__dirname, 'webview'),
  syntaxFolder: path.join(__dirname, 'syntax'),
  isolation: { sandbox: sandboxOf(process.platform, process.env), guardFile: null },
  shippedProbeFolder: path.join(path.dirname(__dirname), 'media', 'probes'),
  examine: () => Promise.resolve({ findings: [] }),
  environment: process.env,
  processId: process.pid,
  drawSeed: () => 1,
  log,
});
serve({ input: process.stdin, output }, application, {
  log,
  onClientGone: () => {
    void application.dispose().finally(() => process.exit(0));
  },
  onClientProcess: () => undefined,
});
void letWrite();

/** Lets every step pass, those of an answer that is held once the test says so. */
async function letWrite(): Promise<never> {
  for (;;) {
    await gate.whenParked(1);
    if (next.isSlow) await delay(slowStepMs);
    if (next.isHeld) {
      next.isHeld = false;
      const said = once(words, 'line');
      line.write('held\n');
      await said;
    }
    // What was held may have been cancelled.
    if (gate.parkedCount > 0) gate.release();
  }
}
