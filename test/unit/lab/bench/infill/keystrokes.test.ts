import { describe, expect, it } from 'vitest';
import { keystrokesAt } from '../../../../../lab/bench/infill/keystrokes.ts';

const text = 'one();\ntwo();\nthree(four);\nfive();\nsix();\n';

describe('keystrokes in a file', () => {
  const places = keystrokesAt(text, 2);

  it('type the end of the line key by key', () => {
    expect(places[0]).toEqual({
      kind: 'jump',
      before: 'one();\ntwo();\nthree(',
      after: '\nfive();\nsix();\n',
    });
    const typed = places.filter(({ kind }) => kind === 'key in the line').map(({ before }) => before.at(-1));
    expect(typed.join('')).toBe('four);');
  });

  it('type a pair that the editor closes, go over its second half, and begin a new line', () => {
    const at = (kind: string) => places.find((place) => place.kind === kind);
    expect(at('auto-closed pair')).toMatchObject({ before: 'one();\ntwo();\nthree(four);(' });
    expect(at('auto-closed pair')?.after).toMatch(/^\)\nfive/);
    expect(at('type-over')).toMatchObject({ before: 'one();\ntwo();\nthree(four);()' });
    expect(at('Enter')?.before).toBe('one();\ntwo();\nthree(four);()\n');
  });

  it('leave the file as it was to go a line down and a line up', () => {
    const moves = places.filter(({ kind }) => kind === 'arrow down' || kind === 'arrow up');
    expect(moves.map(({ before }) => before.split('\n').at(-1))).toEqual(['five();', 'two();']);
    for (const { before, after } of moves) expect(before + after).toBe(text);
  });
});
