import { SetupError } from './setupError.mjs';

const leastNodeMajor = 20;

/**
 * Runs set-up and what follows it as a program: a `SetupError` ends it with code 1 and two plain lines, anything else
 * with its stack. The exit code is what `program` resolves to.
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
    if (!(thrown instanceof SetupError)) throw thrown;
    process.stderr.write(`\n✗ ${thrown.message}\n  ${thrown.remedy}\n`);
    process.exitCode = 1;
  }
}
