import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBatchedSpeed } from '../../../../../lab/bench/baselines/llamaBatchedBench.ts';
import { readSpeed } from '../../../../../lab/bench/baselines/llamaBench.ts';
import { LlamaServer } from '../../../../../lab/bench/baselines/llamaServer.ts';
import { runTool } from '../../../../../lab/bench/baselines/runTool.ts';
import { readServerAnswer } from '../../../../../lab/bench/baselines/serverAnswer.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

describe('a tool', () => {
  const run = (script: string) => runTool(process.execPath, ['-e', script], {}, new AbortController().signal);

  it('that fails is named with its last line, or with its exit code when it said nothing', async () => {
    await expect(run('console.error("first"); console.error("last"); process.exit(3)')).rejects.toThrow(
      /: last$/,
    );
    await expect(run('process.exit(3)')).rejects.toThrow(/: exit code 3$/);
  });
});

describe('llama-bench', () => {
  it('tells its speed in the JSON of one test', () => {
    expect(readSpeed('[{"n_gen": 128, "avg_ts": 51.25, "stddev_ts": 0}]')).toBe(51.25);
  });

  it.each(['[]', '{"avg_ts": 1}'])('is refused for %s', (output) => {
    expect(() => readSpeed(output)).toThrow(expect.objectContaining({ code: 'engine.failed' }));
  });
});

describe('llama-batched-bench', () => {
  it('tells its decode speed in one line of JSON among others', () => {
    const row = '{"n_kv_max": 512, "pp": 40, "tg": 64, "pl": 4, "speed_pp": 250.5, "speed_tg": 120.25}';
    expect(readBatchedSpeed(`\n${row}\n\nllama_perf: done\n`)).toBe(120.25);
  });

  it.each(['llama_perf: done', '{"speed": 1}'])('is refused for %s', (output) => {
    expect(() => readBatchedSpeed(output)).toThrow(expect.objectContaining({ code: 'engine.failed' }));
  });
});

describe('llama-server', () => {
  const options = { modelPath: 'some.gguf', threads: 2, contextTokens: 64, slots: 3 };
  const { signal } = new AbortController();

  /** A program that serves as llama-server does: loading at first, then its arguments and the prompt back. */
  const standIn = `#!${process.execPath}
    const port = process.argv[process.argv.indexOf('--port') + 1];
    let asked = 0;
    require('node:http').createServer(async (request, response) => {
      if (request.url === '/health') return response.writeHead(asked++ === 0 ? 503 : 200).end();
      let body = '';
      for await (const chunk of request) body += chunk;
      const { prompt, n_predict } = JSON.parse(body);
      response.writeHead(prompt.length === 3 ? 200 : 400).end(JSON.stringify({
        tokens: prompt.slice(0, n_predict),
        content: process.argv.slice(2).join(' '),
        timings: { predicted_per_second: 50, draft_n: 8, draft_n_accepted: 6 },
      }));
    }).listen(port, '127.0.0.1');`;

  const startStandIn = async (folder: string, more: object) => {
    const program = path.join(folder, 'llama-server.cjs');
    await writeFile(program, standIn, { mode: 0o755 });
    return LlamaServer.start(program, { ...options, ...more }, signal);
  };

  it('is waited for, timed and stopped', async () => {
    await using folder = await temporaryFolder();
    const server = await startStandIn(folder.path, {});
    expect(await server.timeToFirstToken([1, 2, 3], signal)).toBeGreaterThan(0);
    await expect(server.timeToFirstToken([1], signal)).rejects.toMatchObject({ code: 'engine.failed' });
    expect(server.processId).toBeGreaterThan(0);
    await server.stop();
    await expect(server.timeToFirstToken([1, 2, 3], signal)).rejects.toThrow();
  });

  it('is told its slots and how to draft, and tells tokens, speed and drafts', async () => {
    await using folder = await temporaryFolder();
    const speculation = { type: 'draft-simple', draftModelPath: 'small.gguf' };
    const server = await startStandIn(folder.path, { speculation });
    const { text, ...answer } = await server.complete({ prompt: [7, 8, 9], tokens: 2 }, signal);
    await server.stop();
    expect(answer).toEqual({
      ids: [7, 8],
      tokensPerSecond: 50,
      draftedTokenCount: 8,
      acceptedTokenCount: 6,
    });
    expect(text).toContain('-m some.gguf -t 2 -c 64 -np 3 --spec-type draft-simple -md small.gguf');
  });

  it('may draft nothing', () => {
    const body = { tokens: [1], content: 'x', timings: { predicted_per_second: 0 } };
    expect(readServerAnswer(JSON.stringify(body))).toMatchObject({
      draftedTokenCount: 0,
      acceptedTokenCount: 0,
    });
  });

  it.each(['', '{}', '{"tokens": ["a"], "content": "", "timings": {"predicted_per_second": 1}}'])(
    'has not answered with %j',
    (text) => {
      expect(() => readServerAnswer(text)).toThrow(expect.objectContaining({ code: 'engine.failed' }));
    },
  );

  it.each(['/does/not/exist', process.execPath])(
    'that does not serve is no baseline: %s',
    async (program) => {
      const start = LlamaServer.start(program, options, signal);
      await expect(start).rejects.toMatchObject({ code: 'engine.failed' });
    },
  );
});
