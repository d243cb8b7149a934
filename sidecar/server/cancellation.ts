import type { CancellationToken } from 'vscode-languageserver/node';

/** An `AbortSignal` that follows an LSP cancellation token. `dispose` ends the following, not the request. */
export function followToken(token: CancellationToken): {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
} {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const listener = token.onCancellationRequested(() => {
    controller.abort();
  });
  return {
    signal: controller.signal,
    dispose: () => {
      listener.dispose();
    },
  };
}
