import { CodedError } from '../../protocol/codedError.ts';
import type { ServerKey } from './serverKey.ts';

/** Where a model comes from: a GGUF file of this machine, or a server that has it loaded. */
export type EngineSource = FileSource | ServerSource;

export interface FileSource {
  readonly kind: 'file';
  readonly path: string;
}

export interface ServerSource {
  readonly kind: 'server';
  /** Without a trailing slash and without `/v1`, such as `http://127.0.0.1:8080`; may have a path before it. */
  readonly address: string;
  /** As the server names it; null takes the only one that it serves, and fails where it serves several. */
  readonly modelName: string | null;
  /** Which protocol is spoken; `auto` asks the server what it is. */
  readonly protocol: 'auto' | 'llamaServer' | 'completions' | 'chat';
  /** Null for a server that asks for none. */
  readonly key: ServerKey | null;
}

/** Source of a file. */
export function fileSource(path: string): FileSource {
  return { kind: 'file', path };
}

/** A source as people may see it: the path, or address and model of a server, never its key. */
export function describeSource(source: EngineSource): string {
  if (source.kind === 'file') return source.path;
  return source.modelName === null ? source.address : `${source.modelName} at ${source.address}`;
}

/** The failure of an engine that was given a source of the other kind: `source.unsupported`. */
export function unsupportedSource(source: EngineSource): CodedError {
  const name = describeSource(source);
  return source.kind === 'file'
    ? new CodedError(
        'source.unsupported',
        `${name} is a model file, and this engine only asks servers.`,
        'Open the file with the local engine.',
      )
    : new CodedError(
        'source.unsupported',
        `${name} is a server's model, and this engine only loads files.`,
        'Choose a model file of this machine.',
      );
}
