import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputExcerpt } from '../../../../sidecar/verify/outputExcerpt.ts';

function excerptOf(chunks: readonly string[]): OutputExcerpt {
  const excerpt = new OutputExcerpt();
  for (const chunk of chunks) excerpt.add(Buffer.from(chunk));
  return excerpt;
}

test('a short output is kept as it is, however it came in', () => {
  const chunks = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 400 }), { maxLength: 9 });
  fc.assert(
    fc.property(chunks, (all) => {
      const excerpt = excerptOf(all);
      expect(excerpt.text).toBe(all.join('').trimEnd());
      expect(excerpt.byteCount).toBe(Buffer.byteLength(all.join('')));
    }),
  );
});

test('of a long one both ends are kept, and what lies between is counted', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`);
  const { text, byteCount } = excerptOf(lines);
  expect(text).toMatch(/^line 0\nline 1\n/u);
  expect(text.endsWith('line 4998\nline 4999')).toBe(true);
  const left = Number(/… (\d+) bytes left out …/u.exec(text)?.[1]);
  expect(left).toBe(byteCount - 4000);
  expect(excerptOf([lines.join('')]).text).toBe(text);
});

test('bytes that are no text do no harm', () => {
  const excerpt = new OutputExcerpt();
  excerpt.add(Buffer.from([0xff, 0xfe, 0x41]));
  expect(excerpt.text).toBe('\ufffd\ufffdA');
});
