import { setTimeout } from 'node:timers/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import { joiningFailure } from './commonInfo.ts';
import { isServerAway } from './serverFailure.ts';
import type { TextServer } from './textServer.ts';

/** How long the others are waited for once one of several servers is there. */
const othersMs = 2000;

/** One of several servers, and how it is opened. */
export interface ServerPlace {
  readonly address: string;
  readonly open: () => Promise<TextServer>;
}

/** What became of opening several servers. */
export interface OpenedServers {
  /** At least one, in their order; all have the same model. */
  readonly there: readonly [TextServer, ...TextServer[]];
  /** Those that are away, and those that have not answered yet. */
  readonly missing: readonly MissingServer[];
}

/** A server that is not there yet. */
export interface MissingServer {
  readonly place: ServerPlace;
  readonly opening: Promise<TextServer>;
}

/**
 * Opens servers that are to have one model, without a wait for those that are away or silent. Throws what is wrong with one
 * in other ways, `server.otherModel` where two have different models, and what all have said where none is there.
 */
export async function openServersOf(places: readonly ServerPlace[]): Promise<OpenedServers> {
  const opened = places.map((place) => ({ place, opening: place.open() }));
  const results = await settledSoon(opened.map(({ opening }) => opening));
  const there: TextServer[] = [];
  const missing: MissingServer[] = [];
  const errors: CodedError[] = [];
  for (const [at, each] of opened.entries()) {
    const result = results[at] ?? null;
    if (result?.status === 'fulfilled') {
      const { value: server } = result;
      const [first = server] = there;
      const failure = joiningFailure(each.place.address, server.info, first.info);
      if (failure?.code === 'server.otherModel') throw failure;
      there.push(server);
      continue;
    }
    if (result !== null) {
      const reason: unknown = result.reason;
      if (!(reason instanceof CodedError) || !isServerAway(reason.code)) throw reason;
      errors.push(reason);
    }
    missing.push(each);
  }
  const [first, ...others] = there;
  if (first === undefined) throw allFailed(errors);
  return { there: [first, ...others], missing };
}

/** What the last of several servers said, after what the others did. */
export function allFailed(errors: readonly CodedError[]): CodedError {
  const last = errors.at(-1);
  if (last === undefined) throw new Error('Several servers fail with an error each.');
  const message = errors.map((error) => error.message).join(' ');
  return new CodedError(last.code, message, last.remedy, { cause: last });
}

/** What has become of each: null for one that goes on though another was fulfilled a while ago. Never rejects. */
async function settledSoon<T>(
  promises: readonly Promise<T>[],
): Promise<readonly (PromiseSettledResult<T> | null)[]> {
  const results: (PromiseSettledResult<T> | null)[] = promises.map(() => null);
  const all = Promise.all(
    promises.map(async (promise, at) => {
      const [result] = await Promise.allSettled([promise]);
      results[at] = result;
    }),
  );
  const waiting = new AbortController();
  const one = Promise.any(promises).then(() =>
    setTimeout(othersMs, undefined, { signal: waiting.signal, ref: false }),
  );
  await Promise.race([all, one.catch(() => all)]);
  waiting.abort();
  return [...results];
}
