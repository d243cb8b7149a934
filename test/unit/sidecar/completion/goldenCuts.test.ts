import { describe, expect, it } from 'vitest';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';
import { goldenCuts } from './goldenCuts/goldenCuts.ts';

for (const [languageId, rows] of Object.entries(goldenCuts)) {
  describe(`what is inserted in ${languageId}`, () => {
    it.each(rows)('$name', async ({ document, generated, inserted, isTruncated = false }) => {
      const read = await shippedShapes.of(languageId);
      const finishedWith = (insertsOnly: boolean) => {
        const place = placeAt(document, { mark: '‸', languageId, read, insertsOnly });
        return finishCompletion(place.cursor.regenerated + generated, place, { wasTruncated: isTruncated });
      };
      const alone = finishedWith(true);
      expect(alone.type === 'text' ? alone.text : null).toBe(inserted);
      // What takes the place of the rest of the line says that rest again, and here nothing more.
      const [before = '', after = ''] = document.split('‸');
      const finished = finishedWith(false);
      const whole =
        finished.type === 'text' ? before + finished.text + after.slice(finished.replacedLength) : null;
      expect(whole).toBe(inserted === null ? null : before + inserted + after);
    });
  });
}
