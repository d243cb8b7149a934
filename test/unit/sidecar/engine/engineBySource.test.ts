import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { Engine, LoadOptions } from '../../../../sidecar/engine/engine.ts';
import { engineBySource } from '../../../../sidecar/engine/engineBySource.ts';
import { type EngineSource, fileSource, unsupportedSource } from '../../../../sidecar/engine/engineSource.ts';
import { createScriptedEngine } from '../../../../sidecar/engine/scripted/scriptedEngine.ts';

const options: LoadOptions = { contextTokens: 0, maxSequences: 1, threads: 0, speculation: 'off' };
const { signal } = new AbortController();
const server: EngineSource = {
  kind: 'server',
  address: 'http://127.0.0.1:8080',
  modelName: null,
  protocol: 'auto',
  key: null,
};

/** An engine for sources of one kind, which says what happens to it. */
class OneKind implements Engine {
  readonly #scripted = createScriptedEngine(() => 'text');
  readonly #kind: EngineSource['kind'];
  fail: () => void = () => undefined;
  disposals = 0;

  constructor(kind: EngineSource['kind']) {
    this.#kind = kind;
  }

  open: Engine['open'] = (source, ...rest) =>
    source.kind === this.#kind
      ? this.#scripted.open(source, ...rest)
      : Promise.reject(unsupportedSource(source));

  onFailed(listener: (error: CodedError) => void): void {
    this.fail = () => {
      listener(new CodedError('engine.failed', `The ${this.#kind} engine died.`, 'Ask again.'));
    };
  }

  dispose(): Promise<void> {
    this.disposals += 1;
    return this.#scripted.dispose();
  }
}

describe('an engine by source', () => {
  it('opens each source with the engine for its kind', async () => {
    const engine = engineBySource({ file: new OneKind('file'), server: new OneKind('server') });
    const file = await engine.open(fileSource('/models/tiny.gguf'), options, signal);
    expect(file.info.local?.path).toBe('/models/tiny.gguf');
    const remote = await engine.open(server, options, signal);
    expect(remote.info).toMatchObject({ local: null, backend: server.address });
  });

  it('refuses a source of the wrong kind with a code', async () => {
    await expect(new OneKind('file').open(server, options, signal)).rejects.toMatchObject({
      code: 'source.unsupported',
    });
    await expect(new OneKind('server').open(fileSource('a'), options, signal)).rejects.toMatchObject({
      code: 'source.unsupported',
    });
  });

  it('reports the death of either engine, and disposes both', async () => {
    const [file, remote] = [new OneKind('file'), new OneKind('server')];
    const engine = engineBySource({ file, server: remote });
    const messages: string[] = [];
    engine.onFailed(({ message }) => messages.push(message));
    file.fail();
    remote.fail();
    expect(messages).toEqual(['The file engine died.', 'The server engine died.']);
    await engine.dispose();
    expect([file.disposals, remote.disposals]).toEqual([1, 1]);
  });
});
