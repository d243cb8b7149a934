import { setMaxListeners } from 'node:events';

/**
 * Calls `listener` once when the signal aborts, not when it has aborted already, and returns what ends the waiting.
 * Any number may listen: the candidates of a request and the rows of a batch share one signal, which Node would take
 * for a leak from the eleventh on and warn of.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}
