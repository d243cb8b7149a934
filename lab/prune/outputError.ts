import { dirname } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { isDiskFull, systemErrorCode } from '../../sidecar/process/systemError.ts';

/**
 * What a failed write of a file that the user named means: `disk.full`, or `parameter.invalid` for a place that cannot be
 * written. Any other error is given back as it is.
 */
export function outputError(thrown: unknown, outputPath: string): unknown {
  if (thrown instanceof CodedError) return thrown;
  if (isDiskFull(thrown)) {
    return new CodedError(
      'disk.full',
      `The disk that holds ${dirname(outputPath)} became full, so ${outputPath} was not written.`,
      'Free space, or give an output file on another disk.',
      { cause: thrown },
    );
  }
  const code = systemErrorCode(thrown);
  if (code === null) return thrown;
  return new CodedError(
    'parameter.invalid',
    `${outputPath} cannot be written (${code}).`,
    'Give an output file in a folder that exists and may be written.',
    { cause: thrown },
  );
}
