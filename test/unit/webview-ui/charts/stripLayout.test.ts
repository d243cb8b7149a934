import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchEvent } from '../../../../protocol/traceEvent.ts';
import { type CandidateState, initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { layoutStrip } from '../../../../webview-ui/charts/stripLayout.ts';
import { textColumns } from '../../../../webview-ui/charts/textColumns.ts';
import { tokenRun } from '../../../support/trace/tokenRun.ts';

type Part = { readonly tokens: readonly string[] } | { readonly cue: string };

function candidateOf(...parts: readonly Part[]): CandidateState {
  const events: readonly SearchEvent[] = [
    {
      type: 'candidate/opened',
      candidateId: 0,
      parent: null,
      sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
    },
    ...parts.map((part): SearchEvent =>
      'cue' in part
        ? { type: 'cue/appended', candidateId: 0, text: part.cue, tokenCount: 1 }
        : {
            type: 'tokens/appended',
            candidateId: 0,
            purpose: 'thought',
            tokens: tokenRun(
              part.tokens.map(() => 0),
              part.tokens,
            ),
          },
    ),
  ];
  const state = reduceTraceAll(
    initialTraceState,
    events.map((event, seq) => ({ ...event, seq, timeMs: 0 })),
  );
  const [candidate] = state.candidates;
  if (candidate === undefined) throw new Error('The trace opened no candidate.');
  return candidate;
}

const textsOf = (candidate: CandidateState, columns: number): readonly string[] =>
  layoutStrip(candidate, columns).lines.map((line) => line.map((piece) => piece.text).join('|'));

describe('layoutStrip', () => {
  it('breaks before the word that does not fit, also when the word is several tokens', () => {
    const candidate = candidateOf({ tokens: ['The', ' quick', ' def', 'init', 'ion'] });
    expect(textsOf(candidate, 16)).toEqual(['The| quick', ' def|init|ion']);
  });

  it('ends a line at a line end and shows it', () => {
    const candidate = candidateOf({ tokens: ['a', '.\n\n', 'b\n'] });
    expect(textsOf(candidate, 40)).toEqual(['a|.⏎', '⏎', 'b⏎']);
  });

  it('marks cues as such and keeps them in their place', () => {
    const candidate = candidateOf({ tokens: ['so'] }, { cue: '\nFinal answer:' }, { tokens: [' 18'] });
    const { lines } = layoutStrip(candidate, 40);
    expect(lines.map((line) => line.map(({ purpose, text }) => `${purpose}:${text}`))).toEqual([
      ['thought:so', 'cue:⏎'],
      ['cue:Final', 'cue: answer:', 'thought: 18'],
    ]);
  });

  it('splits a token longer than the strip and finds its first line', () => {
    const candidate = candidateOf({ tokens: ['ab', '='.repeat(40), 'c'] });
    const layout = layoutStrip(candidate, 16);
    expect(layout.lines.every((line) => textColumns(line.map(({ text }) => text).join('')) <= 16)).toBe(true);
    expect(layout.lineOfToken).toEqual([0, 1, 3]);
  });

  it('gives tokens without text and white space something to point at', () => {
    expect(textsOf(candidateOf({ tokens: ['', '\t', '\r\n'] }), 40)).toEqual(['▯|→   |␍⏎']);
  });

  it('counts wide characters and emoji as two cells', () => {
    expect(textColumns('漢字🙂')).toBe(6);
    expect(textColumns('e\u0301')).toBe(1);
    expect(textColumns('plain')).toBe(5);
  });

  it('keeps every token, in order, on lines that fit', () => {
    const token = fc.oneof(
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.constantFrom(' the', '\n', '\n\n', ' 漢', '🙂', ''),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), fc.integer({ min: 1, max: 90 }), (tokens, columns) => {
        const layout = layoutStrip(candidateOf({ tokens }), columns);
        const inOrder = layout.lines.flat().map(({ tokenIndex }) => tokenIndex);
        expect([...new Set(inOrder)]).toEqual(tokens.map((_, index) => index));
        expect(inOrder).toEqual([...inOrder].sort((a, b) => (a ?? 0) - (b ?? 0)));
        expect(layout.lineOfToken).toHaveLength(tokens.length);
        const width = Math.max(16, columns);
        for (const line of layout.lines) {
          const used = line.reduce((sum, { text }) => sum + textColumns(text), 0);
          expect(used <= width || line.length === 1).toBe(true);
        }
      }),
    );
  });
});
