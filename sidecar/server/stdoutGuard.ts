import { Console } from 'node:console';
import { Writable } from 'node:stream';

/**
 * Takes standard output for frames alone. Returns a stream that writes there; from now on `console` and every
 * other writer of `process.stdout` in this thread end up on standard error. Call before anything else runs.
 */
export function guardStdout(process: NodeJS.Process): Writable {
  const { stdout, stderr } = process;
  const writeFrame = stdout.write.bind(stdout);
  const frames = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      writeFrame(chunk, (error) => {
        done(error);
      });
    },
  });
  // A closed pipe means that the client has gone; the reader's end of stream ends the process in order.
  stdout.on('error', (error: Error) => frames.destroy(error));
  frames.on('error', () => undefined);
  stdout.write = stderr.write.bind(stderr);
  globalThis.console = new Console({ stdout: stderr, stderr });
  return frames;
}
