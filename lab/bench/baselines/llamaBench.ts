import { CodedError } from '../../../protocol/codedError.ts';
import { runTool } from './runTool.ts';

export interface LlamaBenchTest {
  readonly modelPath: string;
  readonly threads: number;
  /** Tokens of a prompt to read (`pp`), or to generate from an empty context (`tg`). */
  readonly measure: { readonly type: 'prefill' | 'decode'; readonly tokens: number };
}

/** One `llama-bench` run of one test: tokens per second. */
export async function llamaBench(
  toolPath: string,
  { modelPath, threads, measure }: LlamaBenchTest,
  signal: AbortSignal,
): Promise<number> {
  const tokens = String(measure.tokens);
  const [prompt, generated] = measure.type === 'prefill' ? [tokens, '0'] : ['0', tokens];
  const args = [
    ...['-m', modelPath],
    ...['-p', prompt],
    ...['-n', generated],
    ...['-t', String(threads)],
    ...['-r', '1'],
    ...['-o', 'json'],
  ];
  return readSpeed(await runTool(toolPath, args, {}, signal));
}

/** The speed in llama-bench's JSON report of one test. Throws `engine.failed` for anything else. */
export function readSpeed(output: string): number {
  const report: unknown = JSON.parse(output);
  const test: unknown = Array.isArray(report) ? report[0] : null;
  if (typeof test === 'object' && test !== null && 'avg_ts' in test && typeof test.avg_ts === 'number') {
    return test.avg_ts;
  }
  throw new CodedError(
    'engine.failed',
    'llama-bench reported no speed.',
    'Check that --llama-bench names a llama-bench of the same release.',
  );
}
