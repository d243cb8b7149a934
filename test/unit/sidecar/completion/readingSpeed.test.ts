import { expect, it } from 'vitest';
import { ReadingSpeed } from '../../../../sidecar/completion/readingSpeed.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

it('lets the fastest prompt decide how much is read at rest', async () => {
  const speed = new ReadingSpeed();
  const model = await scriptedModel(() => '');
  expect(speed.tokensAtRest(model)).toBe(256);
  speed.note(model, { tokenCount: 1000, cachedTokenCount: 200, durationMs: 1000 });
  expect(speed.tokensAtRest(model)).toBe(800);
  speed.note(model, { tokenCount: 1000, cachedTokenCount: 0, durationMs: 10_000 });
  expect(speed.tokensAtRest(model)).toBe(800);
});

it('learns nothing of a few tokens, nor of a prompt that took no time', async () => {
  const speed = new ReadingSpeed();
  const model = await scriptedModel(() => '');
  speed.note(model, { tokenCount: 1000, cachedTokenCount: 990, durationMs: 1 });
  speed.note(model, { tokenCount: 1000, cachedTokenCount: 0, durationMs: 0 });
  expect(speed.tokensAtRest(model)).toBe(256);
  speed.note(model, { tokenCount: 100, cachedTokenCount: 0, durationMs: 10_000 });
  expect(speed.tokensAtRest(model)).toBe(256);
});
