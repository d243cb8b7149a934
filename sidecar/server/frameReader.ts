import type { Readable } from 'node:stream';
import { AbstractMessageReader, type DataCallback, type Disposable } from 'vscode-languageserver/node';
import { FrameScanner, type Scanned } from './frameScanner.ts';

/** Bytes of a peer that were not a message, in words for the log. */
export type MalformedListener = (what: string) => void;

/**
 * Reads LSP messages from a stream and survives what is none: garbage between frames is skipped, a body that is
 * not JSON is reported. Fires `onClose` once when the stream ends, which is how the sidecar learns that its
 * parent is gone. Does not own the stream.
 */
export class FrameReader extends AbstractMessageReader {
  private readonly stream: Readable;
  private readonly onMalformed: MalformedListener;
  private readonly scanner = new FrameScanner();
  private isClosed = false;

  constructor(stream: Readable, onMalformed: MalformedListener) {
    super();
    this.stream = stream;
    this.onMalformed = onMalformed;
  }

  listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer) => {
      for (const scanned of this.scanner.push(chunk)) this.deliver(scanned, callback);
    };
    const onEnd = () => {
      if (this.isClosed) return;
      this.isClosed = true;
      this.fireClose();
    };
    const onError = (error: Error) => {
      this.fireError(error);
      onEnd();
    };
    this.stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    return {
      dispose: () => {
        this.stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      },
    };
  }

  private deliver(scanned: Scanned, callback: DataCallback): void {
    if (scanned.type === 'garbage') {
      this.onMalformed(`${scanned.byteCount} bytes that belong to no message were skipped`);
      return;
    }
    const message = parseMessage(scanned.bytes);
    if (message === null) this.onMalformed(`a message of ${scanned.bytes.length} bytes is not a JSON object`);
    else callback(message);
  }
}

/** A JSON object, or null. Whether it is a request, a notification or a response is the connection's to tell. */
function parseMessage(bytes: Buffer): Parameters<DataCallback>[0] | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is Parameters<DataCallback>[0] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'jsonrpc' in value;
}
