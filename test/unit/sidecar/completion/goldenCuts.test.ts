import { describe, expect, it } from 'vitest';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';
import { goldenCuts } from './goldenCuts/goldenCuts.ts';

for (const [languageId, rows] of Object.entries(goldenCuts)) {
  describe(`what is inserted in ${languageId}`, () => {
    it.each(rows)('$name', async ({ document, generated, inserted, isTruncated = false }) => {
      const read = await shippedShapes.of(languageId);
      const place = placeAt(document, { mark: '‸', languageId, read, insertsOnly: true });
      const finished = finishCompletion(place.cursor.regenerated + generated, place, {
        wasTruncated: isTruncated,
      });
      expect(finished.type === 'text' ? finished.text : null).toBe(inserted);
    });
  });
}
