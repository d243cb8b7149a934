import { describe, expect, it } from 'vitest';
import { examineServer } from '../../../../sidecar/doctor/examineServer.ts';
import { ServerKey } from '../../../../sidecar/engine/serverKey.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { thinkerTemplate } from '../../../support/modelFiles/randomThinker.ts';
import { StubServer, type StubServerOptions } from '../../../support/server/stubServer.ts';

/** Each call of the clock is 12 ms after the one before. */
function clock() {
  let at = 0;
  return { now: () => (at += 12) };
}

async function findingsOf(
  options: StubServerOptions,
  key: string | null = null,
  modelName: string | null = null,
) {
  await using stub = await StubServer.start({
    script: () => [
      { text: 'B', top: Array.from({ length: 20 }, (_, at) => ({ text: `${at}`, logprob: -3 })) },
    ],
    ...options,
  });
  const server = { address: stub.address, modelName, key: key === null ? null : new ServerKey(key) };
  const findings = await examineServer(server, clock(), unhurried);
  return findings.map(
    ({ subject, status, detail }) => `${status} ${subject}: ${detail.replace(stub.address, 'URL')}`,
  );
}

describe('the doctor of a server', () => {
  it('says what a llama-server can do', async () => {
    expect(await findingsOf({})).toEqual([
      'ok Server: URL, llama-server b1-stub; a first answer took 12 ms',
      'ok Connection: this machine; nothing leaves it',
      'ok Model: stub-1b, 4096 tokens of context, 2 requests at once',
      'ok Prompts: token ids; any text can be continued',
      'ok Probabilities: 20 alternatives a token; entropy is known between two bounds',
      'ok Constraints: grammars',
      'ok Thoughts: none of its own; strategies ask for them in words',
    ]);
  });

  it('says how its model thinks', async () => {
    expect(await findingsOf({ chatTemplate: thinkerTemplate })).toContain(
      'ok Thoughts: its own, between <think> and </think>',
    );
  });

  it('says what vLLM lacks', async () => {
    const findings = await findingsOf({ kind: 'vllm', modelName: 'team/coder', contextTokens: 8192 });

    expect(findings).toContain('ok Server: URL, vLLM; a first answer took 12 ms');
    expect(findings).toContain('ok Model: team/coder, 8192 tokens of context');
    expect(findings).toContain('ok Prompts: texts; any text can be continued');
    expect(findings).toContain('ok Constraints: a choice among texts; how a text begins cannot be set');
  });

  it('says what a server for conversations lacks', async () => {
    const findings = await findingsOf({ kind: 'ollama', modelName: 'qwen3:8b', hasProbabilities: false });

    expect(findings).toContain('ok Thoughts: none that are sent apart');
    expect(findings).toContain('ok Server: URL, Ollama; a first answer took 12 ms');
    expect(findings.filter((finding) => finding.startsWith('degraded'))).toEqual([
      'degraded Prompts: whole conversations alone, so only strategies without steps run',
      'degraded Probabilities: none, so entropy is not known and nothing is decided by it',
      'degraded Constraints: none, so verdicts may be unreadable',
    ]);
  });

  it('says why a server cannot be used', async () => {
    expect(await findingsOf({ key: 'sk-1' })).toEqual([
      'ok Connection: this machine; nothing leaves it',
      'missing Server: URL asks for a key (401).',
    ]);
    expect(await findingsOf({ key: 'sk-1' }, 'sk-2')).toContain(
      'missing Server: URL does not accept the key (401).',
    );
    expect(await findingsOf({}, null, 'other-7b')).toContain(
      'missing Server: URL runs stub-1b and not other-7b, so what it writes belongs to another model.',
    );
    expect(await findingsOf({ kind: 'vllm' }, null, 'other-7b')).toContain(
      'missing Server: URL has no model other-7b. It has: /models/stub-1b.gguf.',
    );
  });
});
