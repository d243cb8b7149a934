import { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { templateLimits } from './templateLimits.ts';

/** To the thread that watches a template process. */
export type WatchOrder = { readonly type: 'begun' } | { readonly type: 'ended' };

const lookMs = 10;
/** A full heap takes more than its limit: what was freed and not yet given back, code, and messages. */
const slackMebibytes = 64;

/**
 * Watches its process from a thread of its own, since a template may keep the main one in a loop or in a native call that
 * does not return. Kills the process when its standard input ends, which it does with the parent; and while a template is
 * rendered, when the process grows far beyond the heap's limit: V8 lets one operation do that.
 */
export function watchProcess(port: MessagePort): void {
  const parent = new Socket({ fd: 0, readable: true, writable: false });
  // Its end follows.
  parent.on('error', () => undefined);
  parent.on('close', kill);
  parent.resume();

  const mostBytes = process.memoryUsage.rss() + (templateLimits.heapMebibytes + slackMebibytes) * 1024 * 1024;
  let timer: NodeJS.Timeout | undefined;
  port.on('message', ({ type }: WatchOrder) => {
    clearInterval(timer);
    if (type === 'ended') return;
    timer = setInterval(() => {
      if (process.memoryUsage.rss() > mostBytes) kill();
    }, lookMs);
  });
}

/** Not `exit`, which waits for native calls. */
function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}
