import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** Microseconds between two samples of the profiler. */
const intervalUs = 500;
/** Where Node listens once it is sent SIGUSR1. */
const inspectorUrl = 'http://127.0.0.1:9229/json/list';
const mostLooks = 50;
const lookEveryMs = 100;

/** A profile as the inspector gives it: `samples` names the node that ran, `timeDeltas` the microseconds since the sample before. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Profiles the extension host from which a sidecar was started, while `work` is done. Throws if another process has its port. */
export async function profileHost(
  sidecarPid: number,
  page: Page,
  work: () => Promise<void>,
): Promise<CpuProfile> {
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
    await work();
    return ((await ask('Profiler.stop')) as { readonly profile: CpuProfile }).profile;
  } finally {
    await client.close();
  }
}

/** Milliseconds of each stretch in which code ran that a script called whose address has `part` in it, without a break. */
export function stretchesOf({ nodes, samples, timeDeltas }: CpuProfile, part: string): readonly number[] {
  const ours = new Set<number>();
  const mark = (id: number, isInside: boolean): void => {
    const node = nodes.find((other) => other.id === id);
    const isOurs = isInside || node?.callFrame.url.includes(part) === true;
    if (isOurs) ours.add(id);
    for (const child of node?.children ?? []) mark(child, isOurs);
  };
  const [root] = nodes;
  if (root !== undefined) mark(root.id, false);
  const stretches: number[] = [];
  let running = 0;
  for (const [index, id] of samples.entries()) {
    if (ours.has(id)) running += (timeDeltas[index] ?? 0) / 1_000;
    else if (running > 0) {
      stretches.push(running);
      running = 0;
    }
  }
  return running > 0 ? [...stretches, running] : stretches;
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\t(\d+)/m.exec(status)?.[1]);
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
