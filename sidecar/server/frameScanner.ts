/** What the bytes of a peer turned out to be: a message body, or a stretch that belongs to no frame. */
export type Scanned =
  | { readonly type: 'body'; readonly bytes: Buffer }
  | { readonly type: 'garbage'; readonly byteCount: number };

const headerName = Buffer.from('content-length:');
const headerEnd = Buffer.from('\r\n\r\n');
/** Longest header block accepted; a longer one is garbage. */
const maxHeaderBytes = 4096;
/** Largest body accepted: a 2 MB document as one JSON string, with room to spare. */
const maxBodyBytes = 256 * 1024 * 1024;

/**
 * Cuts a byte stream into LSP frames and finds the next frame after bytes that are none, so that one bad write of
 * a peer does not end the session. Header names match in any case.
 */
export class FrameScanner {
  private chunks: Buffer[] = [];
  private byteCount = 0;
  /** Bytes needed before scanning again can find anything, so that a large body is joined once. */
  private neededBytes = 0;

  /** Adds bytes and returns what they completed, in order. Bytes of an unfinished frame wait for the next call. */
  push(chunk: Buffer): readonly Scanned[] {
    this.chunks.push(chunk);
    this.byteCount += chunk.length;
    if (this.byteCount < this.neededBytes) return [];
    let rest = Buffer.concat(this.chunks);
    const found: Scanned[] = [];
    for (;;) {
      const step = scanOnce(rest);
      if (step.scanned !== null) found.push(step.scanned);
      rest = rest.subarray(step.consumed);
      if (step.scanned === null) {
        this.neededBytes = step.neededBytes;
        break;
      }
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.byteCount = rest.length;
    return found;
  }
}

interface Step {
  readonly scanned: Scanned | null;
  readonly consumed: number;
  /** Total bytes that must be there before another attempt makes sense. */
  readonly neededBytes: number;
}

function scanOnce(bytes: Buffer): Step {
  const start = indexOfHeader(bytes);
  if (start > 0) return isContentType(bytes.subarray(0, start)) ? shifted(bytes, start) : garbage(start);
  if (start < 0) {
    // The tail may be the beginning of a header that has not arrived in full.
    const keep = Math.min(bytes.length, headerName.length - 1);
    const tail = longestHeaderStart(bytes.subarray(bytes.length - keep));
    const junk = bytes.length - tail;
    return junk > 0 ? garbage(junk) : waitFor(bytes.length + 1);
  }
  const end = bytes.indexOf(headerEnd);
  if (end < 0) return bytes.length > maxHeaderBytes ? garbage(headerName.length) : waitFor(bytes.length + 1);
  if (end > maxHeaderBytes) return garbage(headerName.length);
  const bodyLength = readLength(bytes.toString('latin1', headerName.length, end));
  const bodyStart = end + headerEnd.length;
  if (bodyLength === null) return garbage(bodyStart);
  if (bytes.length < bodyStart + bodyLength) return waitFor(bodyStart + bodyLength);
  return {
    scanned: { type: 'body', bytes: bytes.subarray(bodyStart, bodyStart + bodyLength) },
    consumed: bodyStart + bodyLength,
    neededBytes: 0,
  };
}

function garbage(byteCount: number): Step {
  return { scanned: { type: 'garbage', byteCount }, consumed: byteCount, neededBytes: 0 };
}

function waitFor(neededBytes: number): Step {
  return { scanned: null, consumed: 0, neededBytes };
}

/** The first header's value, or null when it is not a usable length. Further header lines are read and ignored. */
function readLength(headers: string): number | null {
  const value = (headers.split('\r\n', 1)[0] ?? '').trim();
  if (!/^\d{1,10}$/.test(value)) return null;
  const length = Number(value);
  return length <= maxBodyBytes ? length : null;
}

/** The one other header that LSP knows may come first; it says nothing that matters, since all bodies are UTF-8. */
function isContentType(bytes: Buffer): boolean {
  return /^content-type:[^\r\n]*\r\n$/i.test(bytes.toString('latin1'));
}

function shifted(bytes: Buffer, start: number): Step {
  const step = scanOnce(bytes.subarray(start));
  return step.scanned === null
    ? { ...step, neededBytes: step.neededBytes + start }
    : { ...step, consumed: step.consumed + start };
}

function indexOfHeader(bytes: Buffer): number {
  for (let at = 0; at + headerName.length <= bytes.length; at += 1) {
    if (lowerCase(bytes[at]) === headerName[0] && matchesHeader(bytes, at, headerName.length)) return at;
  }
  return -1;
}

/** Length of the longest beginning of the header name that `tail` ends with. */
function longestHeaderStart(tail: Buffer): number {
  for (let length = tail.length; length > 0; length -= 1) {
    if (matchesHeader(tail, tail.length - length, length)) return length;
  }
  return 0;
}

function matchesHeader(bytes: Buffer, at: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (lowerCase(bytes[at + index]) !== headerName[index]) return false;
  }
  return true;
}

function lowerCase(byte: number | undefined): number {
  if (byte === undefined) return -1;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
