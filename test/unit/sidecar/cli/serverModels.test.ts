import { expect, it } from 'vitest';
import { printServerModels } from '../../../../sidecar/cli/serverModels.ts';
import { ServerKey } from '../../../../sidecar/engine/serverKey.ts';
import { StubServer } from '../../../support/server/stubServer.ts';

const never = new AbortController().signal;

it('lists the models of several servers, each with where it runs, and sends no prompt', async () => {
  await using first = await StubServer.start({ modelName: 'coder', key: 'sk-1', contextTokens: 4096 });
  await using second = await StubServer.start({ kind: 'ollama', modelName: 'team/other', key: 'sk-1' });
  const server = {
    address: first.address,
    others: [second.address],
    modelName: null,
    key: new ServerKey('sk-1'),
  };
  const lines: string[] = [];
  const terminal = { print: (line: string) => void lines.push(line) };

  expect(await printServerModels(server, { terminal, isJson: false }, never)).toBe(0);
  expect(lines).toEqual([
    `llama-server b1-stub at ${first.address}`,
    '  coder  4096 tokens of context',
    `Ollama at ${second.address}`,
    '  team/other',
  ]);
  lines.length = 0;
  await printServerModels(server, { terminal, isJson: true }, never);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      type: 'model',
      name: 'coder',
      contextTokens: 4096,
      server: first.address,
      software: 'llama-server b1-stub',
    },
    { type: 'model', name: 'team/other', contextTokens: null, server: second.address, software: 'Ollama' },
    { type: 'result', count: 2 },
  ]);
  for (const { body } of [...first.requests, ...second.requests]) expect(body).toEqual({});
});

it('says of a llama-server’s model how it thinks, and starts none of a router for that', async () => {
  const effort = "{% if reasoning_effort == 'high' %}</think>{% endif %}";
  await using thinker = await StubServer.start({ modelName: 'thinker', chatTemplate: effort });
  await using router = await StubServer.start({ kind: 'llamaRouter', modelName: 'r', chatTemplate: effort });
  const server = { address: thinker.address, others: [router.address], modelName: null, key: null };
  const lines: string[] = [];
  const terminal = { print: (line: string) => void lines.push(line) };

  await printServerModels(server, { terminal, isJson: false }, never);
  expect(lines).toContain('  thinker  4096 tokens of context  thinks: <think> high');
  expect(lines).toContain('  r');
  expect(router.model.isLoaded).toBe(false);
  lines.length = 0;
  await printServerModels(server, { terminal, isJson: true }, never);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    name: 'thinker',
    thinking: { form: 'think', close: '</think>', efforts: { levels: ['high'] } },
  });
  expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('thinking');
});
