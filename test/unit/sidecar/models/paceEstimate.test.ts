import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../sidecar/models/catalogue.ts';
import { estimatedFileBytes, workOf } from '../../../../sidecar/models/modelShape.ts';
import { checkEstimates, estimatePace, type MeasuredWork } from '../../../../sidecar/models/paceEstimate.ts';

/** A machine that takes 2 ms for every step and 20 ms for each gigabyte of it, and 1 ms and 5 ms for a billion weights of a prompt. */
function measuredAs(name: string, gigabytes: number, billions: number): MeasuredWork {
  return {
    name,
    work: { bytesPerStep: gigabytes * 1e9, weightsPerPromptToken: billions * 1e9 },
    pace: {
      decodeTokensPerSecond: 1000 / (2 + 20 * gigabytes),
      prefillTokensPerSecond: 1000 / (1 + 5 * billions),
    },
  };
}

const small = measuredAs('small', 0.1, 0.1);
const middle = measuredAs('middle', 0.5, 0.4);
const large = measuredAs('large', 1.1, 1.3);

describe('the estimated speed of a model', () => {
  it('is none where nothing was measured', () => {
    expect(estimatePace(large.work, [])).toBeNull();
  });

  it('goes by what a step reads and a prompt is multiplied with, from one model', () => {
    const pace = estimatePace({ bytesPerStep: 1e9, weightsPerPromptToken: 0.8e9 }, [middle]);
    expect(pace?.decodeTokensPerSecond).toBeCloseTo(middle.pace.decodeTokensPerSecond / 2, 6);
    expect(pace?.prefillTokensPerSecond).toBeCloseTo(middle.pace.prefillTokensPerSecond / 2, 6);
  });

  it('takes off what no model is spared, from two and from three', () => {
    for (const known of [
      [small, middle],
      [small, middle, measuredAs('other', 0.3, 0.2)],
    ]) {
      const pace = estimatePace(large.work, known);
      expect(pace?.decodeTokensPerSecond).toBeCloseTo(large.pace.decodeTokensPerSecond, 6);
      expect(pace?.prefillTokensPerSecond).toBeCloseTo(large.pace.prefillTokensPerSecond, 6);
    }
  });

  it('never makes a larger model faster, whatever was measured', () => {
    const odd: readonly MeasuredWork[] = [
      { ...small, pace: { decodeTokensPerSecond: 10, prefillTokensPerSecond: 10 } },
      { ...large, pace: { decodeTokensPerSecond: 100, prefillTokensPerSecond: 100 } },
    ];
    const [less, more] = [1, 2].map((size) =>
      estimatePace({ bytesPerStep: size * 1e9, weightsPerPromptToken: size * 1e9 }, odd),
    );
    expect(less?.decodeTokensPerSecond).toBeGreaterThan(more?.decodeTokensPerSecond ?? Infinity);
    expect(less?.prefillTokensPerSecond).toBeGreaterThan(more?.prefillTokensPerSecond ?? Infinity);
  });

  it('is the same from two models of one size as from one', () => {
    expect(estimatePace(large.work, [middle, middle])).toEqual(estimatePace(large.work, [middle]));
  });
});

describe('the check of estimates', () => {
  it('has each model against the estimate from the others', () => {
    expect(checkEstimates([small])).toEqual([]);
    const checks = checkEstimates([small, middle, large]);
    expect(checks.map(({ name }) => name)).toEqual(['small', 'middle', 'large']);
    for (const { decodeRatio, prefillRatio } of checks) {
      expect(decodeRatio).toBeCloseTo(1, 6);
      expect(prefillRatio).toBeCloseTo(1, 6);
    }
    // From one other model alone, the part that no model is spared counts as its size.
    expect(checkEstimates([small, large])[1]?.decodeRatio).toBeLessThan(1);
  });
});

describe('the work of a model that is not here', () => {
  it('counts of a mixture of experts what a token uses', () => {
    const bytes = (name: string): readonly [file: number, step: number] => {
      const shape = catalogue.find((model) => model.name === name)?.shape;
      if (shape === undefined || shape === null) throw new Error(`${name} has no shape.`);
      const file = estimatedFileBytes(shape);
      return [file, workOf(shape, file).bytesPerStep];
    };
    const [mixture, dense] = [bytes('qwen3-coder-30b-a3b'), bytes('qwen2.5-coder-7b')];
    expect(mixture[1]).toBeLessThan(mixture[0] / 8);
    expect(dense[1]).toBeGreaterThan(dense[0] * 0.9);
    expect(mixture[1]).toBeLessThan(dense[1]);
  });
});
