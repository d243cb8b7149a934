import { describe, expect, it } from 'vitest';
import { insertedText } from '../../../../protocol/insertedText.ts';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';
import { goldenCuts } from './goldenCuts/goldenCuts.ts';

for (const [languageId, rows] of Object.entries(goldenCuts)) {
  describe(`what is inserted in ${languageId}`, () => {
    it.each(rows)('$name', async ({ document, generated, inserted, isTruncated = false }) => {
      const read = await shippedShapes.of(languageId);
      const place = placeAt(document, { mark: '‸', languageId, read });
      const finished = finishCompletion(place.cursor.regenerated + generated, place, {
        wasTruncated: isTruncated,
      });
      const [before = '', after = ''] = document.split('‸');
      const whole =
        finished.type === 'text' ? before + finished.text + after.slice(finished.replacedLength) : null;
      // What is replaced is written again, so that the document is the one with the insertion alone.
      expect(whole).toBe(inserted === null ? null : before + inserted + after);
      expect(finished.type === 'text' ? insertedText(finished, after) : null).toBe(inserted);
    });
  });
}
