import { CodedError } from '../../protocol/codedError.ts';
import { runTool } from './runTool.ts';

/** One `llama-bench` run of generating `tokens` tokens from an empty context: tokens per second. */
export async function llamaBenchDecode(
  toolPath: string,
  options: { readonly modelPath: string; readonly tokens: number; readonly threads: number },
  signal: AbortSignal,
): Promise<number> {
  const { modelPath, tokens, threads } = options;
  const args = [
    '-m',
    modelPath,
    '-p',
    '0',
    '-n',
    String(tokens),
    '-t',
    String(threads),
    '-r',
    '1',
    '-o',
    'json',
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
