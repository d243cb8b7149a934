import { describe, expect, test } from 'vitest';
import { measureDecodeSpeed } from '../../../../lab/prune/decodeSpeed.ts';
import type { MeasuredRatio } from '../../../../sidecar/layerSkip/skipProfile.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

const tokens = 6;
const longText = ' la'.repeat(tokens + 2);

/** A model that takes 10 ms a step beside one that takes 5 ms and says `smallerText`. */
async function measure(smallerText: string): Promise<MeasuredRatio> {
  const clock = new ManualClock();
  const modelOf = (text: string, stepMs: number) =>
    scriptedModel(() => text, {
      onDecode: () => {
        clock.advance(stepMs);
      },
    });
  const [whole, smaller] = [await modelOf(longText, 10), await modelOf(smallerText, 5)];
  const options = { prompt: [1], rounds: 3, tokens, now: () => clock.now(), onRound: () => undefined };
  return measureDecodeSpeed(whole, smaller, options, new AbortController().signal);
}

describe('decode speed of a smaller model', () => {
  test('is the ratio of times for the same number of tokens', async () => {
    expect(await measure(longText)).toEqual({ median: 2, low: 2, high: 2, rounds: 3 });
  });

  test.each(['', ' la', ' la la la'])('is refused where it ends early, with “%s”', async (text) => {
    await expect(measure(text)).rejects.toMatchObject({ code: 'engine.failed' });
  });
});
