import { CodedError } from '../../../../protocol/codedError.ts';
import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import { incompatible } from '../native/libraryChecks.ts';
import { readLogits, type CLibrary } from '../native/nativeMemory.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';

/** Least correlation of two rows of logits that are the same but for rounding; unrelated rows are below 0.9. */
const leastCorrelation = 0.99;

export interface SelfTestDependencies {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly kernel: LogitsKernel;
}

/**
 * Decodes three tokens in one call, and again in two calls beside another sequence under other ids: the last
 * logits must agree. A batch whose fields sit in other places than the bindings say cannot pass. Warms the model
 * up by the way. Leaves the cache empty; throws `library.incompatible`, and `model.unreadable` where there is
 * nothing to compare because the weights give no numbers, or the same for every token.
 */
export function checkContext(dependencies: SelfTestDependencies): void {
  const { library, context, kernel } = dependencies;
  const memory = library.memory(context);
  const batch = new DecodeBatch(4);
  const [first, second, third, other] = [17, 42, 99, 64].map((id) => id % kernel.vocabularySize);
  const decode = (tokens: readonly (readonly [number | undefined, number, number])[]): Float32Array => {
    batch.clear();
    for (const [i, [token, position, sequence]] of tokens.entries()) {
      batch.add(token ?? 0, position, sequence, i === tokens.length - 1);
    }
    if (batch.decode(library, context) !== 'done') throw incompatible('a test batch could not be decoded');
    if (!readLogits(dependencies, tokens.length - 1, kernel.row))
      throw incompatible('a test batch gave no logits');
    return kernel.row.slice();
  };
  const whole = decode([
    [first, 0, 0],
    [second, 1, 0],
    [third, 2, 0],
  ]);
  decode([
    [other, 0, 7],
    [first, 0, 5],
    [second, 1, 5],
  ]);
  const pieces = decode([
    [other, 1, 7],
    [third, 2, 5],
  ]);
  library.clearMemory(memory);
  const similarity = correlation(whole, pieces);
  if (Number.isNaN(similarity)) throw damagedWeights();
  if (similarity < leastCorrelation) {
    throw incompatible(`two ways to compute the same logits differ (correlation ${similarity.toFixed(3)})`);
  }
}

/** Holes or foreign bytes after a whole header: the library has passed its own checks by then. */
function damagedWeights(): CodedError {
  return new CodedError(
    'model.unreadable',
    'The weights of this model are damaged: it computes values that are not probabilities.',
    'Download the model again; "entropane models verify" checks whether a file is whole.',
  );
}

/** Not a number when a row holds one that is none, or only equal ones. */
function correlation(a: Float32Array, b: Float32Array): number {
  const meanOf = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let together = 0;
  let aloneA = 0;
  let aloneB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = (a[i] ?? 0) - meanA;
    const y = (b[i] ?? 0) - meanB;
    together += x * y;
    aloneA += x * x;
    aloneB += y * y;
  }
  return together / Math.sqrt(aloneA * aloneB);
}
