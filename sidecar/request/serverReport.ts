import { counted } from '../../protocol/counted.ts';
import type { CandidateId, SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateResult, ModelInfo } from '../engine/engine.ts';
import type { EventSink } from './eventChannel.ts';

/**
 * Says at the beginning of a log where the model runs, and whether its forks send the prompt again, which the ledger does not
 * show. Nothing for a model of this machine. Pure.
 */
export function serverEvents({
  local,
  backend,
  capabilities,
}: Pick<ModelInfo, 'local' | 'backend' | 'capabilities'>): readonly SearchEvent[] {
  if (local !== null) return [];
  const replays =
    capabilities.fork === 'replayed' ? ' Each candidate sends the prompt again; it is counted once.' : '';
  const why = `Runs on ${backend}.${replays}`;
  return [{ type: 'decision/made', kind: 'serverChosen', candidateId: null, why }];
}

/**
 * Says which of several servers wrote a generation, and each time that another took over. The one that `writer` names already
 * is not named again, nor one that failed before it wrote anything; a generation that is part of no candidate names only those
 * that took over. Returns the server that wrote last.
 */
export async function reportServers(
  { serverTurns = [] }: Pick<GenerateResult, 'serverTurns'>,
  {
    candidateId,
    writer,
  }: {
    readonly candidateId: CandidateId | null;
    readonly writer: string | null;
  },
  events: EventSink,
): Promise<string | null> {
  for (const [at, { server, afterTokens, why }] of serverTurns.entries()) {
    if (why !== null) {
      const after = afterTokens === 0 ? '' : ` after ${counted(afterTokens, 'token')}`;
      const text = `${why} ${server} goes on in its place${after}.`;
      await events.push({ type: 'decision/made', kind: 'serverReplaced', candidateId, why: text });
    } else if (candidateId !== null && server !== writer && serverTurns[at + 1]?.afterTokens !== 0) {
      const text = `Written on ${server}.`;
      await events.push({ type: 'decision/made', kind: 'serverChosen', candidateId, why: text });
    }
  }
  return serverTurns.at(-1)?.server ?? writer;
}
