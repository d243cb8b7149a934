import { uniformAt } from './random.ts';

/**
 * A number in (0, 1) from the beta distribution Beta(alpha, beta), both at least 1, by two gamma draws of Marsaglia and
 * Tsang ("A simple method for generating gamma variables", 2000). The same place of the same seed gives the same number.
 */
export function betaAt(
  alpha: number,
  beta: number,
  place: { readonly seed: number; readonly stream: number },
): number {
  const first = gammaAt(alpha, place.seed, 2 * place.stream);
  return first / (first + gammaAt(beta, place.seed, 2 * place.stream + 1));
}

function gammaAt(shape: number, seed: number, stream: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let index = 0; ; index += 3) {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(seed, stream, index)));
    const normal = radius * Math.cos(2 * Math.PI * uniformAt(seed, stream, index + 1));
    const cube = (1 + c * normal) ** 3;
    if (cube <= 0) continue;
    const bound = normal ** 2 / 2 + d * (1 - cube + Math.log(cube));
    if (Math.log(1 - uniformAt(seed, stream, index + 2)) < bound) return d * cube;
  }
}
