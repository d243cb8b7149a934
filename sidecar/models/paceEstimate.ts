import type { ModelPace } from '../../protocol/health.ts';
import type { ModelWork } from './modelShape.ts';

/** A model that was measured on this machine. */
export interface MeasuredWork {
  readonly name: string;
  readonly work: ModelWork;
  readonly pace: ModelPace;
}

/**
 * How fast a model will be, from models that were measured here: a step takes a time for each byte that it reads, a token of a
 * prompt one for each weight, and both a time that no model is spared. Null where nothing was measured. Pure.
 */
export function estimatePace(work: ModelWork, measured: readonly MeasuredWork[]): ModelPace | null {
  if (measured.length === 0) return null;
  const stepMs = timeOf(
    work.bytesPerStep,
    measured.map((each) => ({
      size: each.work.bytesPerStep,
      ms: 1000 / each.pace.decodeTokensPerSecond,
    })),
  );
  const readMs = timeOf(
    work.weightsPerPromptToken,
    measured.map((each) => ({
      size: each.work.weightsPerPromptToken,
      ms: 1000 / each.pace.prefillTokensPerSecond,
    })),
  );
  return { prefillTokensPerSecond: 1000 / readMs, decodeTokensPerSecond: 1000 / stepMs };
}

/** The estimate of a model from the others that were measured, as a share of what was measured with it. */
export interface EstimateCheck {
  readonly name: string;
  readonly decodeRatio: number;
  readonly prefillRatio: number;
}

/** Empty where fewer than two were measured. Pure. */
export function checkEstimates(measured: readonly MeasuredWork[]): readonly EstimateCheck[] {
  return measured.flatMap((model) => {
    const estimate = estimatePace(
      model.work,
      measured.filter((other) => other !== model),
    );
    if (estimate === null) return [];
    return [
      {
        name: model.name,
        decodeRatio: estimate.decodeTokensPerSecond / model.pace.decodeTokensPerSecond,
        prefillRatio: estimate.prefillTokensPerSecond / model.pace.prefillTokensPerSecond,
      },
    ];
  });
}

interface Point {
  readonly size: number;
  readonly ms: number;
}

/**
 * The line through what was measured that misses it by the smallest shares. Through zero where one point is known, or where a
 * line with a fixed part would make larger models faster or the smallest ones free.
 */
function timeOf(size: number, points: readonly Point[]): number {
  const line = points.length > 1 ? relativeLine(points) : null;
  if (line !== null && line.slope > 0 && line.fixed >= 0) return line.fixed + line.slope * size;
  const slopes = points.map((point) => point.ms / point.size);
  return size * (slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length);
}

/** Least squares of relative errors: of `fixed / ms + slope × size / ms` against 1. Null where all sizes are the same. */
function relativeLine(points: readonly Point[]): { readonly fixed: number; readonly slope: number } | null {
  let [aa, ab, bb, a1, b1] = [0, 0, 0, 0, 0];
  for (const { size, ms } of points) {
    const [a, b] = [1 / ms, size / ms];
    aa += a * a;
    ab += a * b;
    bb += b * b;
    a1 += a;
    b1 += b;
  }
  const determinant = aa * bb - ab * ab;
  if (determinant <= 1e-9 * aa * bb) return null;
  return { fixed: (a1 * bb - b1 * ab) / determinant, slope: (b1 * aa - a1 * ab) / determinant };
}
