import { describe, expect, test } from 'vitest';
import type { CalibrationPiece } from '../../../../lab/prune/calibrationText.ts';
import { PlanMeter } from '../../../../lab/prune/planMeter.ts';
import type { ServedKind } from '../../../../sidecar/layerSkip/textQuality.ts';
import { rotatingBlocks } from '../../../support/engine/rotatingBlocks.ts';

const document: CalibrationPiece = { type: 'document', text: 'a text of some letters' };

/** A meter over a model that has neither tokens for gaps nor a chat template. */
function open(
  kinds: readonly ServedKind[],
  pieces: { readonly training: readonly CalibrationPiece[]; readonly heldOut: readonly CalibrationPiece[] },
  onProgress: (what: string) => void = () => undefined,
): Promise<PlanMeter> {
  const observer = rotatingBlocks({ angles: [0.5, 0.1, 0.2, 0.5], lossNats: ({ length }) => 1 + length });
  return PlanMeter.open(observer, {
    sourceSha256: 'a'.repeat(64),
    text: { ...pieces, sha256: 'text' },
    kinds,
    seed: 1,
    tokens: 100,
    onProgress,
  });
}

describe('a plan’s meter', () => {
  test('measures on text of the wanted kind', async () => {
    const meter = await open(['document'], { training: [document], heldOut: [document] });
    const { quality } = await meter.measure([1], [], new AbortController().signal);
    expect(quality.perplexityRatio).toBeCloseTo(Math.E);
  });

  test('chooses fewer blocks as it began to choose more, without choosing anew', async () => {
    const progress: string[] = [];
    const pieces = { training: [document], heldOut: [document] };
    const meter = await open(['document'], pieces, (what) => progress.push(what));
    const { signal } = new AbortController();
    expect((await meter.choose(2, 'influence', signal)).droppedBlocks).toEqual([1, 2]);
    expect(progress).toContain('Choosing by influence');
    progress.length = 0;
    const fewer = await meter.choose(1, 'influence', signal);
    expect(fewer.droppedBlocks).toEqual([1]);
    expect(progress).toEqual(['Measuring without 1']);
    const afresh = await open(['document'], pieces);
    expect(await afresh.choose(1, 'influence', signal)).toEqual(fewer);
    expect((await afresh.choose(2, 'influence', signal)).droppedBlocks).toEqual([1, 2]);
  });

  test.each([
    ['the model reads none of that kind', ['infill'], [document], [document]],
    ['there is nothing to choose by', ['document'], [], [document]],
    ['there is nothing to judge by', ['document'], [document], []],
  ] as const)('is refused where %s', async (_, kinds, training, heldOut) => {
    await expect(open(kinds, { training, heldOut })).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});
