import { describe, expect, test } from 'vitest';
import type { CalibrationPiece } from '../../../../lab/prune/calibrationText.ts';
import { splitForLambda } from '../../../../lab/prune/healing.ts';

const documents = (count: number): readonly CalibrationPiece[] =>
  Array.from({ length: count }, (_, i) => ({ type: 'document', text: `document ${i}` }));
const chats = (count: number): readonly CalibrationPiece[] =>
  Array.from({ length: count }, (_, i) => ({
    type: 'chat',
    messages: [
      { role: 'user', content: `question ${i}` },
      { role: 'assistant', content: 'answer' },
    ],
  }));

describe('texts by which λ is chosen', () => {
  test('are about a quarter of each kind, and none of those fitted to', () => {
    const training = [...documents(11), ...chats(20)];
    const { fitting, judging } = splitForLambda(training);
    const counts = (['document', 'chat'] as const).map(
      (type) => judging.filter((piece) => piece.type === type).length,
    );
    expect(counts).toEqual([3, 5]);
    expect(fitting.filter((piece) => judging.includes(piece))).toEqual([]);
    expect(new Set([...fitting, ...judging])).toEqual(new Set(training));
    expect(splitForLambda(training)).toEqual({ fitting, judging });
  });

  test('are there with the fewest pieces that a text may have', () => {
    // Of four documents one is held out.
    const { fitting, judging } = splitForLambda(documents(3));
    expect([fitting.length, judging.length]).toEqual([2, 1]);
  });
});
