import { CodedError } from '../../../protocol/codedError.ts';
import { runTool } from './runTool.ts';

export interface BatchedBenchTest {
  readonly modelPath: string;
  readonly threads: number;
  /** Length of the prompt that all sequences share. */
  readonly promptTokens: number;
  readonly sequences: number;
  readonly tokensEach: number;
}

/** One `llama-batched-bench` run: tokens per second of all sequences together, after a shared prompt. */
export async function llamaBatchedBench(
  toolPath: string,
  test: BatchedBenchTest,
  signal: AbortSignal,
): Promise<number> {
  const { modelPath, threads, promptTokens, sequences, tokensEach } = test;
  const args = [
    ...['-m', modelPath],
    ...['-c', String(promptTokens + sequences * tokensEach)],
    ...['-npp', String(promptTokens), '-pps', '-kvu'],
    ...['-npl', String(sequences)],
    ...['-ntg', String(tokensEach)],
    ...['-t', String(threads)],
    ...['--output-format', 'jsonl'],
  ];
  return readBatchedSpeed(await runTool(toolPath, args, {}, signal));
}

/** The decode speed in llama-batched-bench's one line of JSON. Throws `engine.failed` where there is none. */
export function readBatchedSpeed(output: string): number {
  const line = output.split('\n').find((candidate) => candidate.startsWith('{'));
  const row: unknown = line === undefined ? null : JSON.parse(line);
  if (typeof row === 'object' && row !== null && 'speed_tg' in row && typeof row.speed_tg === 'number') {
    return row.speed_tg;
  }
  throw new CodedError(
    'engine.failed',
    'llama-batched-bench reported no speed.',
    'Check that it is of the same release as the engine.',
  );
}
