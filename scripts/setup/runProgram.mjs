import { SetupError } from './setupError.mjs';

const leastNodeMajor = 20;

/**
 * Runs set-up and what follows it as a program. The exit code is what `program` resolves to. A `SetupError`, or a
 * file that could not be written, ends it with code 1 and two plain lines, anything else with its stack. Never
 * rejects, so that what has to be printed at the end is.
 *
 * @param {() => Promise<number>} program
 */
export async function runProgram(program) {
  try {
    if (Number.parseInt(process.versions.node, 10) < leastNodeMajor) {
      throw new SetupError(
        `This is Node ${process.versions.node}, and Entropane needs Node ${leastNodeMajor} or newer.`,
        'Install a newer Node, then run this again.',
      );
    }
    process.exitCode = await program();
  } catch (thrown) {
    const error = thrown instanceof SetupError ? thrown : asWriteError(thrown);
    process.stderr.write(
      error === null
        ? `\n${thrown instanceof Error ? thrown.stack : String(thrown)}\n`
        : `\n✗ ${error.message}\n  ${error.remedy}\n`,
    );
    process.exitCode = 1;
  }
}

/** A failed write of set-up's own as a `SetupError`; null for anything else, which is a bug. */
function asWriteError(thrown) {
  switch (thrown?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SetupError(`The disk is full: ${thrown.message}.`, 'Free some space, then run this again.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SetupError(
        `Set-up may not write where it has to: ${thrown.message}.`,
        'Make that folder writable; for a folder below ~/.cache, set XDG_CACHE_HOME to one that is.',
      );
    default:
      return null;
  }
}
