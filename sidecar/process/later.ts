/** Runs something later; the returned function calls it off. Keeps no process alive. */
export function later(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs).unref();
  return () => {
    clearTimeout(timer);
  };
}
