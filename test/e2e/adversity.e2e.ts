import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashBudget } from '../../extension/engine/restartPolicy.ts';
import { EditorSession, packageVsix } from './editorSession.ts';
import type { Workbench } from './workbench.ts';

const patience = { timeout: 120_000, interval: 50 };

let session: EditorSession;
let workbench: Workbench;

beforeAll(async () => {
  session = await EditorSession.start({ vsix: await packageVsix(), models: 'none', settings: {} });
  workbench = session.workbench;
});

afterAll(() => session[Symbol.asyncDispose]());

/** The process id of the sidecar that was started after those. */
async function nextSidecar(earlier: readonly number[]): Promise<number> {
  const started = async (): Promise<readonly number[]> =>
    (await session.server.sidecarPids()).filter((pid) => !earlier.includes(pid));
  await expect.poll(started, patience).toHaveLength(1);
  const [pid] = await started();
  if (pid === undefined) throw new Error('The sidecar ended by itself.');
  return pid;
}

describe('on a machine without a model', () => {
  it('says so in the status bar, and nowhere else while typing', async () => {
    await workbench.statusSays(/No model/);
    await workbench.openFile('src/orders.py', 23, 5);
    await workbench.page.keyboard.type('best = ');
    await expect
      .poll(() => session.server.extensionLog(), patience)
      .toContain('nothing shown, engineNotReady');
    expect(await workbench.notifications.count()).toBe(0);
  });

  it('answers a question with what is wrong and the button that mends it', async () => {
    await workbench.ask('What is 6 times 7?');
    const notification = workbench.notifications.filter({
      has: workbench.page.getByRole('button', { name: 'Fetch Model' }),
    });
    await notification.waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    await notification.waitFor({ state: 'detached' });
  });
});

describe('an engine that keeps crashing', () => {
  it('is started again until the budget is spent, then left alone', async () => {
    const killed: number[] = [];
    while (killed.length < crashBudget.crashes) {
      const running = await nextSidecar(killed);
      await workbench.statusSays(/No model/);
      process.kill(running, 'SIGKILL');
      killed.push(running);
    }
    await workbench.statusSays(/Entropane stopped/);
    await expect.poll(() => session.server.sidecarPids(), patience).toEqual([]);
  });

  it('is back after a restart by command', async () => {
    await workbench.runCommand('Entropane: Restart Engine');
    await workbench.statusSays(/No model/);
    expect(await session.server.sidecarPids()).toHaveLength(1);
  });
});
