import { createHash } from 'node:crypto';
import { CodedError } from '../../../protocol/codedError.ts';
import { decodeFloat16, encodeFloat16 } from '../../numeric/float16.ts';
import { principalComponents } from '../../numeric/principalComponents.ts';
import { standardisationOf } from '../standardise.ts';

export type QuantisedBits = 4 | 8;

/**
 * Turns a last-layer state into a few whole numbers and back into scores: standardised by value, projected on principal
 * components, and rounded in steps of each component's own scale.
 */
export interface ValueBasis {
  readonly hiddenSize: number;
  readonly componentCount: number;
  readonly bits: QuantisedBits;
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  /** `hiddenSize` numbers a component, one component after another. */
  readonly components: Float32Array;
  /** Size of one step of each component's score. */
  readonly scales: Float32Array;
}

/** Scores beyond so many deviations of their component are cut off: coarse steps are better spent on the others. */
const clippedDeviations: Readonly<Record<QuantisedBits, number>> = { 8: 6, 4: 3 };
/** A basis file begins with `count` numbers of 32 bits each. */
const headNumbers = 3;

/** Fits a basis to states, none of which is empty. Components are rounded to half floats, as the file keeps them. */
export function fitBasis(
  states: readonly Float32Array[],
  { componentCount, bits }: { readonly componentCount: number; readonly bits: QuantisedBits },
): ValueBasis {
  const { means, deviations } = standardisationOf(states);
  const kept = { means: Float32Array.from(means), deviations: Float32Array.from(deviations) };
  const { components, variances } = principalComponents(
    states.map((state) => standardised(state, kept)),
    componentCount,
  );
  return {
    hiddenSize: means.length,
    componentCount: variances.length,
    bits,
    ...kept,
    components: decodeFloat16(encodeFloat16(components)),
    // A component without variance has no scores but zero, whatever its scale.
    scales: Float32Array.from(variances, (variance) => stepDeviations(bits) * Math.sqrt(variance) || 1),
  };
}

/** The basis with its leading components alone, and with steps for other bits. */
export function narrowed(
  basis: ValueBasis,
  { componentCount, bits }: { readonly componentCount: number; readonly bits: QuantisedBits },
): ValueBasis {
  const ratio = stepDeviations(bits) / stepDeviations(basis.bits);
  return {
    ...basis,
    componentCount,
    bits,
    components: basis.components.subarray(0, componentCount * basis.hiddenSize),
    scales: basis.scales.subarray(0, componentCount).map((scale) => scale * ratio),
  };
}

/** The state's scores before they are rounded. */
export function scoresOf(state: ArrayLike<number>, basis: ValueBasis): Float32Array {
  const { hiddenSize, componentCount, components } = basis;
  const centred = standardised(state, basis);
  const scores = new Float32Array(componentCount);
  for (let c = 0; c < componentCount; c++) {
    let sum = 0;
    for (let i = 0; i < hiddenSize; i++) sum += (components[c * hiddenSize + i] ?? 0) * (centred[i] ?? 0);
    scores[c] = sum;
  }
  return scores;
}

/** Scores as whole numbers from −(2^(bits−1) − 1) to its negative. */
export function quantise(scores: ArrayLike<number>, { scales, bits }: ValueBasis): Int8Array {
  const most = largestLevel(bits);
  return Int8Array.from(scales, (scale, c) =>
    Math.max(-most, Math.min(most, Math.round((scores[c] ?? 0) / scale))),
  );
}

/** Decodes whole numbers into scores. */
export function dequantise(levels: ArrayLike<number>, { scales }: ValueBasis): Float32Array {
  return scales.map((scale, c) => scale * (levels[c] ?? 0));
}

/** A basis as a file: three counts, means, deviations and scales as floats, components as half floats. */
export function encodeBasis(basis: ValueBasis): Uint8Array {
  const { hiddenSize, componentCount, bits, means, deviations, scales, components } = basis;
  const head = Uint32Array.from([hiddenSize, componentCount, bits]);
  return Buffer.concat([
    ...[head, means, deviations, scales].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
    encodeFloat16(components),
  ]);
}

/** Reads what `encodeBasis` wrote. Throws `calibration.mismatch` for anything else. */
export function decodeBasis(bytes: Uint8Array): ValueBasis {
  // A copy, which a buffer's own `slice` is not: floats must begin at a multiple of four.
  const copy = new Uint8Array(bytes);
  const [hiddenSize = 0, componentCount = 0, bits] =
    copy.length >= headNumbers * 4 ? new Uint32Array(copy.buffer, 0, headNumbers) : [];
  const floats = 2 * hiddenSize + componentCount;
  const halves = hiddenSize * componentCount;
  if ((bits !== 4 && bits !== 8) || copy.length !== (headNumbers + floats) * 4 + halves * 2)
    throw notABasis();
  const floatsAt = (index: number, count: number): Float32Array =>
    new Float32Array(copy.buffer, (headNumbers + index) * 4, count);
  return {
    hiddenSize,
    componentCount,
    bits,
    means: floatsAt(0, hiddenSize),
    deviations: floatsAt(hiddenSize, hiddenSize),
    scales: floatsAt(2 * hiddenSize, componentCount),
    components: decodeFloat16(copy.subarray((headNumbers + floats) * 4)),
  };
}

/** SHA-256 in lower-case hex. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function standardised(
  state: ArrayLike<number>,
  { means, deviations }: Pick<ValueBasis, 'means' | 'deviations'>,
): Float32Array {
  return means.map((mean, i) => ((state[i] ?? 0) - mean) / (deviations[i] ?? 1));
}

function largestLevel(bits: QuantisedBits): number {
  return 2 ** (bits - 1) - 1;
}

/** Deviations of a component that one step of it takes. */
function stepDeviations(bits: QuantisedBits): number {
  return clippedDeviations[bits] / largestLevel(bits);
}

function notABasis(): CodedError {
  return new CodedError(
    'calibration.mismatch',
    'The file with the components of a value set is damaged, so its states cannot be read.',
    'Restore the file from where it was published, or pack the set anew into an empty folder.',
  );
}
