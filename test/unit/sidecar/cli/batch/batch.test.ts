import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchOutput, batchRow, readResults } from '../../../../../sidecar/cli/batch/batchOutput.ts';
import {
  parseBatch,
  readBatch,
  readGapRow,
  readQuestionRow,
} from '../../../../../sidecar/cli/batch/batchRows.ts';
import { runBatch } from '../../../../../sidecar/cli/batch/runBatch.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;

describe('batch rows', () => {
  it('are read with blank lines and extra members left out', () => {
    const text = '{"id":1,"question":"Why?","level":3}\r\n\n{"id":"b","question":""}';
    expect(parseBatch(text, readQuestionRow)).toEqual([
      { id: 1, question: 'Why?' },
      { id: 'b', question: '' },
    ]);
  });

  it.each([
    ['no JSON', '{"id":1,"prefix":"","suffix":""}\n{"id":2', 'Line 2'],
    ['a member missing', '{"id":1,"prefix":""}', 'suffix'],
    ['an id missing', '{"prefix":"","suffix":""}', 'id'],
    ['an id twice', '{"id":1,"prefix":"","suffix":""}\n\n{"id":1,"prefix":"","suffix":""}', 'Line 3'],
    ['no object', '[1]', 'Line 1'],
  ])('with %s are refused by line', (_what, text, named) => {
    expect(() => parseBatch(text, readGapRow)).toThrow(
      expect.objectContaining({
        code: 'batch.unreadable',
        message: expect.stringContaining(named) as string,
      }),
    );
  });
});

describe('a batch file', () => {
  it('that is not there is refused', async () => {
    await using folder = await temporaryFolder();
    await expect(readBatch(path.join(folder.path, 'none.jsonl'), readGapRow)).rejects.toMatchObject({
      code: 'parameter.invalid',
    });
  });
});

describe('results of an earlier run', () => {
  it('go on behind the last whole line, wherever it was cut', () => {
    const rows = [batchRow('a', { text: 'ä\n' }), batchRow(2, {}), batchRow('c', {})];
    const whole = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        const { keptText, doneIds } = readResults(whole.slice(0, length), 'out.jsonl');
        expect(whole.startsWith(keptText)).toBe(true);
        const keptLines = keptText.split('\n').filter(Boolean);
        expect(doneIds.size).toBe(keptLines.length);
      }),
    );
  });

  it('are not taken over from a file that holds something else', () => {
    for (const text of ['hello\n{"id":1}\n', 'hello', '{"id":1}\nhello', '{"name":"app"', '{\n']) {
      expect(() => readResults(text, 'notes.txt'), text).toThrow(
        expect.objectContaining({ code: 'batch.unreadable' }),
      );
    }
  });

  it('leave a file of somebody’s own as it is', async () => {
    await using folder = await temporaryFolder();
    const notes = path.join(folder.path, 'notes.txt');
    await writeFile(notes, 'one line without an end');
    await expect(BatchOutput.open(notes)).rejects.toMatchObject({ code: 'batch.unreadable' });
    expect(await readFile(notes, 'utf8')).toBe('one line without an end');
  });

  it('lose a cut line on disk, and keep a whole one that lacks its end', async () => {
    await using folder = await temporaryFolder();
    const cut = path.join(folder.path, 'cut.jsonl');
    await writeFile(cut, '{"id":1}\n{"type":"row","id":2,"te');
    const output = await BatchOutput.open(cut);
    await output.write(3, {});
    await output.dispose();
    expect(await readFile(cut, 'utf8')).toBe('{"id":1}\n{"type":"row","id":3}\n');

    const endless = path.join(folder.path, 'endless.jsonl');
    await writeFile(endless, '{"id":1}');
    const second = await BatchOutput.open(endless);
    expect(second.doneIds).toEqual(new Set([1]));
    await second.write(2, {});
    await second.dispose();
    expect(await readFile(endless, 'utf8')).toBe('{"id":1}\n{"type":"row","id":2}\n');
  });
});

describe('a batch run', () => {
  async function run(options: {
    readonly rows: readonly number[];
    readonly outputPath?: string;
    readonly runRow: (id: number) => Promise<object>;
    readonly signal?: AbortSignal;
  }) {
    const terminal = recordingTerminal();
    const exitCode = await runBatch(
      {
        rows: options.rows.map((id) => ({ id, question: '?' })),
        outputPath: options.outputPath ?? null,
        parallel: 2,
        runRow: ({ id }) => options.runRow(id),
      },
      terminal,
      options.signal ?? never,
    );
    return { exitCode, printed: terminal.printed.map((line): unknown => JSON.parse(line)) };
  }

  it('prints a result a row and then counts them; a failed row does not stop the others', async () => {
    const { exitCode, printed } = await run({
      rows: [1, 2, 3],
      runRow: (id) => (id === 2 ? Promise.reject(new Error('torn')) : Promise.resolve({ text: `r${id}` })),
    });
    expect(exitCode).toBe(1);
    expect(printed).toContainEqual({ type: 'row', id: 1, text: 'r1' });
    expect(printed).toContainEqual({ type: 'row', id: 3, text: 'r3' });
    expect(printed).toContainEqual(
      expect.objectContaining({
        type: 'row',
        id: 2,
        error: expect.objectContaining({ code: 'engine.failed' }) as unknown,
      }),
    );
    expect(printed.at(-1)).toEqual({
      type: 'result',
      rowCount: 3,
      doneCount: 2,
      skippedCount: 0,
      failedCount: 1,
    });
  });

  it('keeps no more rows in flight than allowed', async () => {
    let running = 0;
    let most = 0;
    await run({
      rows: [1, 2, 3, 4, 5, 6],
      runRow: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return {};
      },
    });
    expect(most).toBe(2);
  });

  it('goes on where it was interrupted, and tries failed rows again', async () => {
    await using folder = await temporaryFolder();
    const outputPath = path.join(folder.path, 'out.jsonl');
    const tried: number[] = [];
    const once = (fails: boolean) =>
      run({
        rows: [1, 2, 3],
        outputPath,
        runRow: (id) => {
          tried.push(id);
          return fails && id === 2 ? Promise.reject(new Error('torn')) : Promise.resolve({ ok: id });
        },
      });
    expect((await once(true)).exitCode).toBe(1);
    tried.length = 0;
    const { exitCode, printed } = await once(false);
    expect(exitCode).toBe(0);
    expect(tried).toEqual([2]);
    expect(printed).toEqual([{ type: 'result', rowCount: 3, doneCount: 1, skippedCount: 2, failedCount: 0 }]);
    const ids = (await readFile(outputPath, 'utf8')).trim().split('\n');
    expect(ids).toHaveLength(3);
  });

  it('stops when it is interrupted', async () => {
    const interruption = new AbortController();
    const running = run({
      rows: [1, 2, 3, 4],
      signal: interruption.signal,
      runRow: () => {
        interruption.abort();
        return Promise.resolve({});
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });
});
