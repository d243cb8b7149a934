import { PassThrough, Transform, type Readable, type Writable } from 'node:stream';

/** Two ends joined by a wire each way. */
export interface SlowDuplex {
  readonly client: { readonly input: Readable; readonly output: Writable };
  readonly server: { readonly input: Readable; readonly output: Writable };
}

/**
 * A wire that delivers bytes as pipes do at their worst: in pieces of one to a few bytes, one a turn of the event
 * loop, regardless of how they were written.
 */
export function slowDuplex(): SlowDuplex {
  const toServer = chopper();
  const toClient = chopper();
  return {
    client: { input: toClient.output, output: toServer.input },
    server: { input: toServer.output, output: toClient.input },
  };
}

/** Sizes that cut headers, bodies and multi-byte characters alike. */
const pieceSizes = [1, 7, 3, 64, 2, 513];

function chopper(): { readonly input: Writable; readonly output: Readable } {
  let next = 0;
  const input = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const deliver = (from: number): void => {
        if (from >= chunk.length) {
          done();
          return;
        }
        const size = pieceSizes[next++ % pieceSizes.length] ?? 1;
        this.push(chunk.subarray(from, from + size));
        setImmediate(deliver, from + size);
      };
      deliver(0);
    },
  });
  const output = new PassThrough();
  input.pipe(output);
  return { input, output };
}
