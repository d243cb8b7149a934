import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { parentOf } from './parentOf.ts';
import { watchMainThread } from './threadTime.ts';

/** Microseconds between two samples of the profiler. */
const intervalUs = 500;
/** Where Node listens once it is sent SIGUSR1. */
const inspectorUrl = 'http://127.0.0.1:9229/json/list';
const mostLooks = 50;
const lookEveryMs = 100;

/** A profile as the inspector gives it: `samples` names the node that ran, `timeDeltas` the microseconds since the sample before. */
interface CpuProfile {
  /** Microseconds of the system's monotonic clock. */
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What the extension host did without a break. Milliseconds. */
export interface Stretch {
  readonly durationMs: number;
  /** Without the time in which other programs had the processor. */
  readonly processorMs: number;
}

/**
 * Stretches in which the extension host from which a sidecar was started ran what scripts called whose address has `part` in it,
 * while `work` was done. Throws if another process has the inspector's port.
 */
export async function profileHost(
  sidecarPid: number,
  { page, part }: { readonly page: Page; readonly part: string },
  work: () => Promise<void>,
): Promise<readonly Stretch[]> {
  const hostPid = await parentOf(sidecarPid);
  process.kill(hostPid, 'SIGUSR1');
  const url = await inspectorOf();
  // A blank page has a WebSocket and no policy about where it may connect to.
  const client = await page.context().browser()?.newPage();
  if (client === undefined) throw new Error('The page has no browser of its own.');
  try {
    const call = await client.evaluateHandle(async (address) => {
      const socket = new WebSocket(address);
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => {
          reject(new Error(`Nothing answers at ${address}.`));
        };
      });
      let last = 0;
      return (method: string, params: object) =>
        new Promise<unknown>((resolve) => {
          const id = ++last;
          socket.addEventListener('message', ({ data }) => {
            const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result: unknown };
            if (answer.id === id) resolve(answer.result);
          });
          socket.send(JSON.stringify({ id, method, params }));
        });
    }, url);
    const ask = (method: string, params: object = {}): Promise<unknown> =>
      call.evaluate((send, [name, given]) => send(name, given), [method, params] as const);
    const answered = (await ask('Runtime.evaluate', { expression: 'process.pid' })) as {
      readonly result: { readonly value: number };
    };
    if (answered.result.value !== hostPid) throw new Error(`${inspectorUrl} is of another process.`);
    await ask('Profiler.enable');
    await ask('Profiler.setSamplingInterval', { interval: intervalUs });
    await ask('Profiler.start');
    const watch = watchMainThread(hostPid);
    await work();
    const { profile } = (await ask('Profiler.stop')) as { readonly profile: CpuProfile };
    const ranUs = await watch.stop();
    return stretchesOf(profile, part).map(({ fromUs, toUs }) => ({
      durationMs: (toUs - fromUs) / 1_000,
      processorMs: ranUs(fromUs, toUs) / 1_000,
    }));
  } finally {
    await client.close();
  }
}

/** Each stretch in which code ran that a script called whose address has `part` in it, in microseconds of the profiler's clock. */
function stretchesOf(
  { nodes, samples, timeDeltas, startTime }: CpuProfile,
  part: string,
): readonly { readonly fromUs: number; readonly toUs: number }[] {
  const ours = new Set<number>();
  const mark = (id: number, isInside: boolean): void => {
    const node = nodes.find((other) => other.id === id);
    const isOurs = isInside || node?.callFrame.url.includes(part) === true;
    if (isOurs) ours.add(id);
    for (const child of node?.children ?? []) mark(child, isOurs);
  };
  const [root] = nodes;
  if (root !== undefined) mark(root.id, false);
  const stretches: { fromUs: number; toUs: number }[] = [];
  let nowUs = startTime;
  let running: { fromUs: number; toUs: number } | null = null;
  for (const [index, id] of samples.entries()) {
    const beforeUs = nowUs;
    nowUs += timeDeltas[index] ?? 0;
    if (!ours.has(id)) running = null;
    else if (running === null) stretches.push((running = { fromUs: beforeUs, toUs: nowUs }));
    else running.toUs = nowUs;
  }
  return stretches;
}

async function inspectorOf(): Promise<string> {
  for (let look = 0; look < mostLooks; look++) {
    const found = await fetch(inspectorUrl).catch(() => null);
    if (found !== null) {
      const [target] = (await found.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
      if (target !== undefined) return target.webSocketDebuggerUrl;
    }
    await delay(lookEveryMs);
  }
  throw new Error('The extension host opened no inspector.');
}
