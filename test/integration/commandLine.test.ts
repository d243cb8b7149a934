import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readTraceFile } from '../../sidecar/trace/traceFile.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const program = path.resolve(import.meta.dirname, '../../dist/cli.cjs');
const smol = ['--model', 'smollm2-135m'];
/** Few tokens and no thought, so that a run takes moments. */
const brief = [...smol, '--strategy', 'direct', '--budget', '6', '--seed', '1'];

/** The command line as a process of its own, with its output in pipes, as a script would run it. */
class CommandLine {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #watchers = new Set<() => void>();
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const look of this.#watchers) look();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      for (const look of this.#watchers) look();
    });
  }

  /** Resolves once the process has ended, with its exit code; null for one that was killed. */
  async ended(): Promise<number | null> {
    await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** Resolves once either stream holds the text. */
  async says(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.stdout.includes(text) && !this.stderr.includes(text)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get jsonLines(): readonly unknown[] {
    return this.stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }
}

test('a pipe gets the answer alone, and nothing is cut off beside it', async () => {
  const question = `Name a colour. ${'Any colour will do. '.repeat(20)}`.trim();
  const asked = new CommandLine(['ask', ...brief, question]);
  expect(await asked.ended()).toBe(0);
  expect(asked.stderr).toContain(question);
  expect(asked.stderr).not.toContain('…');
  expect(asked.stderr).toMatch(/^ledger .* tokens$/m);
  const [, tracePath = ''] = /^trace: (.*)$/m.exec(asked.stderr) ?? [];
  const [, viewPath = ''] = /^view: {2}(.*)$/m.exec(asked.stderr) ?? [];
  expect(await readFile(viewPath, 'utf8')).toContain('<!DOCTYPE html>');

  const replayed = new CommandLine(['replay', tracePath]);
  expect(await replayed.ended()).toBe(0);
  expect(replayed.stdout.endsWith(asked.stdout)).toBe(true);
  expect(asked.stdout.trim()).not.toBe('');
});

test('a second model that is not there is said on standard error, and the answer comes without it', async () => {
  const second = ['--draft-model', 'nowhere', '--fast-model', 'nothing'];
  const command = new CommandLine(['ask', '--json', ...brief, ...second, 'Say hi.']);
  expect(await command.ended()).toBe(0);
  expect(command.stderr).toMatch(/^Without a draft model, so .*nowhere/mu);
  expect(command.stderr).toMatch(/^Without a fast model, so .*nothing/mu);
  expect(command.stdout).toContain('"type":"result"');
});

test('traces go into the store of the test, not among those of the user', async () => {
  const asked = new CommandLine(['ask', ...brief, '--json', 'Hi.']);
  expect(await asked.ended()).toBe(0);
  const tracePath = expect.stringContaining(path.join(tmpdir(), 'entropane-test-')) as string;
  expect(asked.jsonLines.at(-1)).toMatchObject({ type: 'result', tracePath });
});

test('a question goes on with the conversation of another, by the name of its trace', async () => {
  const asked = new CommandLine(['ask', ...brief, '--json', 'Name a colour.']);
  expect(await asked.ended()).toBe(0);
  const { requestId } = asked.jsonLines.at(-1) as { readonly requestId: string };
  const followed = new CommandLine(['ask', ...brief, '--json', '--follow', `${requestId}.jsonl`, 'Another.']);
  expect(await followed.ended()).toBe(0);
  expect(followed.jsonLines.at(0)).toMatchObject({
    type: 'request/started',
    context: { attachments: [], conversation: [requestId] },
  });
  const nowhere = new CommandLine(['ask', ...brief, '--follow', 'never-asked', 'Another.']);
  expect(await nowhere.ended()).toBe(1);
  expect(nowhere.stderr).toContain('never-asked');
});

test('programs get one object a line, the last of type result', async () => {
  const asked = new CommandLine(['ask', ...brief, '--json', 'Hi.']);
  expect(await asked.ended()).toBe(0);
  expect(asked.jsonLines.at(0)).toMatchObject({ type: 'request/started', seed: 1 });
  expect(asked.jsonLines.at(-1)).toMatchObject({ type: 'result', ledger: { tokens: { answer: 6 } } });
});

test('a thought begins at its first step where it is to, and the answer has it', async () => {
  const asked = new CommandLine([
    ...['ask', ...smol, '--json', '--strategy', 'chainOfThought', '--skip-preamble'],
    ...['--max-thought', '16', '--budget', '24', '--seed', '1'],
    'What is 17 + 5?',
  ]);
  expect(await asked.ended()).toBe(0);
  const kinds = asked.jsonLines.map((event) => (event as { readonly type: string }).type);
  const places = ['candidate/opened', 'cue/appended', 'tokens/appended'].map((kind) => kinds.indexOf(kind));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(asked.jsonLines.at(-1)).toMatchObject({
    type: 'result',
    text: expect.stringMatching(/^Step 1:/u) as string,
  });
});

test('code that a model wrote is read with the grammars beside the bundle, without a test command', async () => {
  const asked = new CommandLine([
    ...['ask', '--json', '--model', 'qwen2.5-coder-0.5b', '--seed', '1', '--budget', '400'],
    ...['--strategy', 'selfConsistency', '--candidates', '2', '--selector', 'verifiedCode'],
    'Write a Python function that adds two numbers, in one code block, and nothing else.',
  ]);
  expect(await asked.ended()).toBe(0);
  expect(asked.jsonLines).toContainEqual(
    expect.objectContaining({ type: 'code/parsed', languageId: 'python', errorCount: 0, firstError: null }),
  );
  expect(asked.jsonLines).not.toContainEqual(expect.objectContaining({ kind: 'codeNotParsed' }));
});

test("a probe that is calibrated for a user's own file judges what is asked of that file", async () => {
  await using folder = await temporaryFolder();
  const model = path.join(folder.path, 'own.gguf');
  await copyFile(await installedModelPath('smollm2-135m'), model);
  const questions = path.join(folder.path, 'questions.jsonl');
  const sums = [1, 2, 7, 48].flatMap((a) => [1, 2, 5, 26, 77].map((b) => ({ a, b })));
  const rows = sums.map(({ a, b }, id) => ({ id, question: `How much is ${a} + ${b}?`, answer: `${a + b}` }));
  await writeFile(questions, rows.map((row) => JSON.stringify(row)).join('\n'));
  // A store of its own: the copy has the hash of the model that other tests use.
  const home = { ENTROPANE_HOME: path.join(folder.path, 'store') };

  const calibrated = new CommandLine(
    [
      ...['calibrate', '--questions', questions, '--model', model, '--json'],
      ...['--samples', '1', '--max-thought', '16'],
    ],
    home,
  );
  expect(await calibrated.ended()).toBe(0);
  expect(calibrated.jsonLines).toContainEqual(
    expect.objectContaining({
      type: 'progress',
      what: 'Sampling',
      secondsLeft: expect.any(Number) as number,
    }),
  );
  expect(calibrated.jsonLines.at(-1)).toMatchObject({ type: 'result', questionCount: rows.length });

  const ask = [
    'ask',
    '--model',
    model,
    '--strategy',
    'auto',
    '--budget',
    '8',
    '--json',
    'How much is 3 + 8?',
  ];
  const asked = new CommandLine(ask, home);
  expect(await asked.ended()).toBe(0);
  expect(asked.jsonLines).toContainEqual(
    expect.objectContaining({ type: 'difficulty/decided', source: 'probe' }),
  );
});

test.each([
  ['an option that does not exist', ['ask', '--depth', '3', 'Hi.'], 2],
  ['a budget below nothing', ['ask', '--budget=-1', 'Hi.'], 2],
  ['a model that is not there', ['ask', '--model', 'no-such-model', 'Hi.'], 1],
  ['a file that is not there', ['complete', '--file', 'none.py', '--line', '1', '--column', '1'], 1],
  ['a batch that is not there', ['ask', '--batch', 'none.jsonl'], 1],
  [
    'a model that cannot fill in',
    ['complete', ...smol, '--file', program, '--line', '1', '--column', '1'],
    1,
  ],
] as const)('%s is refused on standard error alone', async (_what, args, exitCode) => {
  const refused = new CommandLine(args);
  expect(await refused.ended()).toBe(exitCode);
  expect(refused.stdout).toBe('');
  expect(refused.stderr.trim()).not.toBe('');
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a question in order, and its trace', async (name) => {
  const endless = ['ask', ...smol, '--strategy', 'direct', '--json', 'Count from one to ten thousand.'];
  const asked = new CommandLine(endless);
  await asked.says('tokens/appended');
  asked.signal(name);
  expect(await asked.ended()).toBe(1);
  const result = asked.jsonLines.at(-1);
  expect(result).toMatchObject({ type: 'result', reason: 'cancelled' });
  const { tracePath } = result as { readonly tracePath: string };
  expect((await readTraceFile(tracePath)).at(-1)).toMatchObject({
    type: 'request/finished',
    reason: 'cancelled',
  });
});

test('a batch that was killed goes on where it stopped', async () => {
  await using folder = await temporaryFolder();
  const input = path.join(folder.path, 'questions.jsonl');
  const output = path.join(folder.path, 'answers.jsonl');
  const ids = ['a', 'b', 'c', 'd'];
  await writeFile(
    input,
    ids.map((id) => JSON.stringify({ id, question: `Say ${id}.`, level: 1 })).join('\n'),
  );
  const args = ['ask', ...brief, '--batch', input, '--output', output, '--parallel', '1', '--json'];

  const killed = new CommandLine(args);
  await killed.says('1 of 4 rows');
  killed.signal('SIGKILL');
  expect(await killed.ended()).toBeNull();
  expect(killed.stdout).toBe('');

  const resumed = new CommandLine(args);
  expect(await resumed.ended()).toBe(0);
  const [counts] = resumed.jsonLines;
  expect(counts).toMatchObject({ type: 'result', rowCount: 4, failedCount: 0 });
  expect(counts).not.toMatchObject({ skippedCount: 0 });
  const rows = (await readFile(output, 'utf8')).trimEnd().split('\n');
  expect(rows.map((row) => (JSON.parse(row) as { readonly id: string }).id).sort()).toEqual(ids);
});
