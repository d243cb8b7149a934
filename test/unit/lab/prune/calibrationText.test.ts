import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCalibrationText } from '../../../../lab/prune/calibrationText.ts';
import { cutGaps, encodeCalibration } from '../../../../lab/prune/calibrationTokens.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { checkout } from '../../../support/machine/manifest.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const shipped = path.join(checkout, 'media/calibration');
const chat = (question: string, answer: string): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  });

describe('calibration text', () => {
  test('ships with programs and chats, a quarter of each kept to judge by', async () => {
    const { training, heldOut } = await readCalibrationText(shipped);
    const count = (type: string, pieces: typeof training): number =>
      pieces.filter((piece) => piece.type === type).length;
    expect(count('document', training)).toBeGreaterThan(8);
    expect(count('chat', training)).toBeGreaterThan(15);
    for (const type of ['document', 'chat']) {
      const all = count(type, training) + count(type, heldOut);
      expect(count(type, heldOut)).toBe(Math.floor(all / 4));
    }
    const heldOutTexts = new Set(heldOut.map((piece) => JSON.stringify(piece)));
    expect(training.some((piece) => heldOutTexts.has(JSON.stringify(piece)))).toBe(false);
  });

  test('is named by a hash that changes with it', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['a.py', 'b.py', 'c.py', 'd.py']) await writeFile(path.join(folder.path, name), name);
    const first = await readCalibrationText(folder.path);
    expect((await readCalibrationText(folder.path)).sha256).toBe(first.sha256);
    await writeFile(path.join(folder.path, 'c.py'), 'changed');
    expect((await readCalibrationText(folder.path)).sha256).not.toBe(first.sha256);
  });

  test('leaves out what is no text and what tells about the folder', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['a.py', 'b.py', 'c.py', 'd.py']) await writeFile(path.join(folder.path, name), name);
    await writeFile(path.join(folder.path, 'README.md'), 'About.');
    await writeFile(path.join(folder.path, '.hidden'), 'Secret.');
    await writeFile(path.join(folder.path, 'image.png'), new Uint8Array([137, 80, 0, 0]));
    const { training, heldOut } = await readCalibrationText(folder.path);
    expect([...training, ...heldOut].map((piece) => piece.type === 'document' && piece.text)).toEqual([
      'a.py',
      'b.py',
      'c.py',
      'd.py',
    ]);
  });

  test.each([
    ['no file', null],
    ['a file with one text', 'def f(): pass'],
    ['chats that are cut off', `${chat('Why?', 'So.')}\n{"messages": [`],
    [
      'chats without an answer',
      '{"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}',
    ],
    ['chats of other fields', '{"question": "a", "answer": "b"}'],
  ])('refuses %s', async (_, content) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'text.jsonl');
    if (content !== null) await writeFile(file, content);
    await expect(readCalibrationText(file)).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});

describe('gaps to fill in', () => {
  const program = Array.from({ length: 60 }, (_, n) => `    value_${n} = compute(${n}, "text")`).join('\n');

  test('put together are the document again, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(fc.string(), { maxLength: 80 }), (seed, stream, lines) => {
        const text = lines.join('\n');
        const gaps = cutGaps(text, stream, seed);
        for (const { prefix, middle, suffix } of gaps) {
          expect(prefix + middle + suffix).toBe(text);
          expect(middle.trim().length).toBeGreaterThanOrEqual(8);
        }
        expect(cutGaps(text, stream, seed)).toEqual(gaps);
      }),
    );
  });

  test('lie in other places for another seed or document', () => {
    const starts = (stream: number, seed: number): readonly number[] =>
      cutGaps(program, stream, seed).map(({ prefix }) => prefix.length);
    expect(starts(0, 1)).toHaveLength(5);
    expect(starts(0, 1)).not.toEqual(starts(0, 2));
    expect(starts(0, 1)).not.toEqual(starts(1, 1));
  });
});

describe('texts as a model reads them', () => {
  test('end with what the model itself would write', async () => {
    const model = await scriptedModel(scriptBySequence([]));
    const texts = await encodeCalibration(
      model,
      [
        { type: 'document', text: 'one two three' },
        {
          type: 'chat',
          messages: [
            { role: 'user', content: 'Why?' },
            { role: 'assistant', content: 'Because.' },
          ],
        },
      ],
      { seed: 1, maxTokens: 400 },
      unhurried,
    );
    expect(texts.map(({ kind }) => kind)).toEqual(['document', 'chat']);
    const [document, chatText] = texts;
    expect(document?.answerFrom).toBe(1);
    const answer = chatText?.tokens.slice(chatText.answerFrom) ?? [];
    expect(await model.detokenize(answer)).toBe('Because.');
    expect(await model.detokenize(chatText?.tokens.slice(0, chatText.answerFrom) ?? [])).toContain('Why?');
  });

  test('are split where they are too long, and lose nothing', async () => {
    const model = await scriptedModel(scriptBySequence([]));
    const text = 'a b c d e f g h i j k l m n o p';
    const whole = await model.tokenize(text, { special: false });
    const texts = await encodeCalibration(
      model,
      [{ type: 'document', text }],
      { seed: 1, maxTokens: 7 },
      unhurried,
    );
    const documents = texts.filter(({ kind }) => kind === 'document');
    expect(documents.length).toBeGreaterThan(1);
    for (const { tokens } of documents) expect(tokens.length).toBeLessThanOrEqual(7);
    expect(documents.flatMap(({ tokens }) => tokens)).toEqual(whole);
  });
});
