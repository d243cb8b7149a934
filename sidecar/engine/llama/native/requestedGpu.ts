import { CodedError } from '../../../../protocol/codedError.ts';

/** Values of `ENTROPANE_GPU`, which says what build of llama.cpp the set-up fetches; `auto` looks at the machine. */
export const gpuChoices = ['auto', 'none', 'cuda', 'vulkan'] as const;

/**
 * Refuses an `ENTROPANE_GPU` that names no build, so that nobody believes it to be in force. Empty is as good as none.
 * Throws `parameter.invalid`.
 */
export function checkRequestedGpu({
  ENTROPANE_GPU: value,
}: Readonly<Record<string, string | undefined>>): void {
  if (value === undefined || value === '' || gpuChoices.some((choice) => choice === value)) return;
  throw new CodedError(
    'parameter.invalid',
    `ENTROPANE_GPU is "${value}", which names no build of llama.cpp, so models are not loaded.`,
    `Set it to one of ${gpuChoices.join(', ')}, or not at all.`,
  );
}
