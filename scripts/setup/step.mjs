const isTerminal = process.stderr.isTTY === true;

/**
 * One step of set-up, one visible line on stderr. `findDone` returns a word or two on a result that is already there
 * and right, or null; then `work` makes it and returns the same kind of words. What `work` throws ends set-up.
 *
 * @param {string} title
 * @param {{ findDone: () => Promise<string | null>, doing: string, work: () => Promise<string> }} parts
 * @returns {Promise<void>}
 */
export async function step(title, { findDone, doing, work }) {
  const label = title.padEnd(18);
  const done = await findDone();
  if (done !== null) {
    process.stderr.write(`✓ ${label} ${done}\n`);
    return;
  }
  // On a terminal the line is written over by its result; a log keeps both.
  process.stderr.write(`… ${label} ${doing}${isTerminal ? '' : '\n'}`);
  const startMs = performance.now();
  const result = await work();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}✓ ${label} ${result} (${seconds} s)\n`);
}
