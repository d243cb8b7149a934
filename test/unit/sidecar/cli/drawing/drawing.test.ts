import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchEvent, TokenColumns, TraceEvent } from '../../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../../../protocol/traceState.ts';
import { cellWidth, fitLine, printable } from '../../../../../sidecar/cli/drawing/cellWidth.ts';
import { ghostTextView } from '../../../../../sidecar/cli/drawing/ghostTextView.ts';
import { Painter } from '../../../../../sidecar/cli/drawing/painter.ts';
import {
  answerLines,
  costLines,
  searchLines,
  type ViewOptions,
} from '../../../../../sidecar/cli/drawing/requestView.ts';
import { bucketMeans, sparkline } from '../../../../../sidecar/cli/drawing/sparkline.ts';
import { styleFor } from '../../../../../sidecar/cli/drawing/style.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { endless } from '../../../../support/engine/stepScript.ts';

const plain = styleFor({ hasColour: false });
const coloured = styleFor({ hasColour: true });
/** All that is drawn of a request that has none or one answer still to come. */
const viewOf = (state: TraceState, options: ViewOptions): readonly string[] => [
  ...searchLines(state, options),
  ...costLines(state, options),
];
const escapes = /\x1b\[\d+m/g;

describe('cells', () => {
  it('counts wide characters twice and joined ones once', () => {
    expect(cellWidth('aé漢😀')).toBe(6);
    expect(cellWidth('👩‍👩‍👧')).toBe(2);
  });

  it('never lets a line grow beyond its cells, nor control the terminal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (text, columns) => {
          const line = fitLine(text, columns);
          expect(cellWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        },
      ),
    );
  });

  it('takes escape sequences out of generated text', () => {
    expect(printable('a\x1b[2Jb\n\tc\u0007')).toBe('a[2Jb\n\tc');
  });
});

describe('sparkline', () => {
  it('shows calm low and doubt high, on one scale', () => {
    expect(sparkline([0, 0.5, 1.2, 2.4, 9, Number.NaN], 10, plain)).toBe('▁▂▄▇█▁');
  });

  it('averages stretches when there are more tokens than cells', () => {
    expect(bucketMeans([1, 3, 5, 7], 2)).toEqual([2, 6]);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { maxLength: 300 }),
        fc.nat(100),
        (values, cells) => {
          expect(bucketMeans(values, cells)).toHaveLength(Math.min(values.length, cells));
          expect(cellWidth(sparkline(values, cells, coloured).replace(escapes, ''))).toBe(
            Math.min(values.length, cells),
          );
        },
      ),
    );
  });
});

describe('a request', () => {
  it('is drawn with candidates, vote, answer and ledger', async () => {
    const parts = ['Three times four is 12.\nFinal answer:', ' 12'] as const;
    const { state } = await runScripted(
      ({ sequence, call }) => (sequence === 2 && call === 1 ? ' 13' : (parts[call] ?? '')),
      { request: { strategy: 'selfConsistency', candidateCount: 3 } },
    );
    const lines = viewOf(state, { columns: 72, style: plain });
    expect(lines[0]).toBe('How many legs do three cats have?');
    expect(lines.join('\n')).toMatch(/^1 {2}won {8}\d+\/\d+ {2}▁+.* 12$/m);
    expect(lines.join('\n')).toMatch(/^vote {8}12 ×2/m);
    expect(lines.join('\n')).toMatch(
      /^ledger {6}prompt \d+ · thought \d+ · answer \d+ · discarded \d+ tokens$/m,
    );
    expect(lines.join('\n')).toMatch(/^speed {7}\d+ tokens in .*tok\/s · first token after/m);
  });

  it('says which candidate another one continues, where there is room', async () => {
    const { state } = await runScripted(endless, {
      request: { strategy: 'stepBeam', candidateCount: 2, stepSearch: { stepChildren: 2, maxSteps: 2 } },
    });
    const branch = state.candidates.find(({ parent }) => parent !== null);
    const row = new RegExp(
      `^${(branch?.id ?? 0) + 1} {2}from ${(branch?.parent?.candidateId ?? 0) + 1} {2}`,
      'm',
    );
    expect(viewOf(state, { columns: 72, style: plain }).join('\n')).toMatch(row);
    expect(viewOf(state, { columns: 59, style: plain }).join('\n')).not.toContain('from');
    expect(viewOf(state, { columns: 72, style: plain })[1]).toContain('4 candidates at once');
  });

  it('says whose program is written anew', async () => {
    const broken = '```js\nexports.add = (a, b => a + b;\n```\n';
    const { state } = await runScripted(() => broken, {
      request: { strategy: 'directBestOfN', candidateCount: 2 },
      dependencies: {
        codeParser: { read: () => Promise.resolve({ errorCount: 1, firstError: { line: 1, column: 22 } }) },
      },
    });
    expect(viewOf(state, { columns: 80, style: plain }).join('\n')).toMatch(/^3 {2}repairs 1 {2}/mu);
  });

  it('says why another model or strategy than usual answers', async () => {
    const preface = [
      { type: 'decision/made', kind: 'modelRouted', candidateId: null, why: 'small is enough for it.' },
    ] as const satisfies readonly SearchEvent[];
    const { state } = await runScripted(() => 'Final answer: 4', { request: { preface } });
    expect(searchLines(state, { columns: 80, style: plain })).toContainEqual(
      expect.stringMatching(/^routing +small is enough for it\.$/u),
    );
  });

  it('says where the request runs and who took over, and not which server wrote each candidate', async () => {
    const decision = { type: 'decision/made', kind: 'serverChosen', candidateId: null } as const;
    const preface = [
      { ...decision, why: 'Runs on A and B.' },
      { ...decision, candidateId: 0, why: 'Written on A.' },
      { ...decision, kind: 'serverReplaced', candidateId: 0, why: 'A went away. B goes on.' },
    ] as const satisfies readonly SearchEvent[];
    const { state } = await runScripted(() => 'Final answer: 4', { request: { preface } });
    const lines = searchLines(state, { columns: 80, style: plain }).join('\n');
    expect(lines).toMatch(/^server +Runs on A and B\.\nserver +A went away\. B goes on\.$/mu);
    expect(lines).not.toContain('Written on');
  });

  it('says how likely each candidate is right, where a value head reads it', async () => {
    const { state } = await runScripted(() => 'Four each.\nFinal answer: 12', {
      request: { strategy: 'selfConsistency', candidateCount: 2 },
    });
    const read = (candidateId: number, value: number, answer: number | null) => ({
      candidateId,
      lineEnds: { atTokens: [3], values: [value] },
      answer,
    });
    const lines = searchLines(
      { ...state, values: [read(0, 0.5, 0.75), read(1, 0.25, null)] },
      { columns: 80, style: plain },
    );
    expect(lines).toContainEqual(expect.stringMatching(/^P\(right\) +1 75 % · 2 25 %$/u));
  });

  it('says why no more candidates began, without a vote, too', async () => {
    const { state } = await runScripted(() => 'Final answer: 4');
    const stop = {
      kind: 'hopelessByValue',
      candidateId: null,
      atToken: null,
      timeMs: 1,
      why: 'A 3 % chance.',
    } as const;
    const lines = searchLines({ ...state, decisions: [stop] }, { columns: 80, style: plain });
    expect(state.vote).toBeNull();
    expect(lines).toContainEqual(expect.stringMatching(/^stopped +A 3 % chance\.$/u));
  });

  it('says that there are at most so many candidates where difficulty decides', async () => {
    const { state } = await runScripted(endless, { request: { strategy: 'auto', candidateCount: 4 } });
    if (state.started === null) throw new Error('The request never began.');
    const about = (candidateCount: number): string => {
      const started = { ...state.started, candidateCount } as NonNullable<typeof state.started>;
      return viewOf({ ...state, started }, { columns: 72, style: plain })[1] ?? '';
    };
    expect(about(4)).toMatch(/ up to 4 candidates(?! at once)/);
    expect(about(1)).toMatch(/ 1 candidate(?! at once)/);
  });

  it.each(['selfConsistency', 'stepBeam'] as const)(
    'fits any width at every moment of its life: %s',
    async (strategy) => {
      const { events } = await runScripted(() => 'Une longue pensée 漢字 😀\nFinal answer: 1', {
        request: { strategy, candidateCount: 4, question: 'Q '.repeat(80) },
      });
      for (const columns of [20, 40, 79, 200]) {
        for (let length = 0; length <= events.length; length += 3) {
          const state = reduceTraceAll(initialTraceState, events.slice(0, length));
          for (const line of viewOf(state, { columns, style: coloured })) {
            expect(cellWidth(line.replace(escapes, '')), line).toBeLessThanOrEqual(Math.max(columns, 40));
          }
        }
      }
    },
  );

  it('is cut nowhere where lines have no end', async () => {
    const question = 'Q '.repeat(200);
    const parts = ['So.\nFinal answer:', ' some purple elephants'] as const;
    const { state } = await runScripted(({ call }) => parts[call] ?? '', {
      request: { strategy: 'selfConsistency', candidateCount: 2, question },
    });
    const lines = viewOf(state, { columns: Infinity, style: plain });
    expect(lines.join('\n')).not.toContain('…');
    expect(lines[0]).toBe(question);
    expect(lines.filter((line) => line.endsWith('some purple elephants'))).toHaveLength(2);
  });

  it('has no long answer in its rows, but how much is left out', () => {
    const code = Array.from({ length: 30 }, (_, i) => `x${i} = ${i}`).join('\n');
    const prose = 'long '.repeat(40).trim();
    const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
    const answers = [code, prose, 'short'];
    const events: readonly SearchEvent[] = [
      ...answers.flatMap((answer, candidateId): readonly SearchEvent[] => [
        { type: 'candidate/opened', candidateId, parent: null, sampler },
        { type: 'candidate/closed', candidateId, end: 'finished', answer },
      ]),
      {
        type: 'vote/cast',
        selector: 'majority',
        tallies: answers.map((answer, candidateId) => ({ answer, candidateIds: [candidateId], weight: 1 })),
      },
    ];
    const numbered = events.map((event, seq): TraceEvent => ({ ...event, seq, timeMs: seq }));
    const state = reduceTraceAll(initialTraceState, numbered);
    const lines = searchLines(state, { columns: Infinity, style: plain });
    const [first, second, third, vote] = lines.filter((line) => /^(?:[123]|vote) /.test(line));
    expect(first).toMatch(/ x0 = 0 … \(29 lines more\)$/);
    expect(second).toMatch(/ long long.* long… \(140 characters more\)$/);
    expect(third).toMatch(/ short$/);
    expect(vote).toMatch(/x0 = 0 … \(29 lines more\) ×1 · long .*140 characters more\) ×1 · short ×1$/);
  });

  it('has its answer as a row, or as paragraphs where a row does not hold it', () => {
    const options = { columns: 20, style: plain };
    expect(answerLines('27', options)).toEqual(['answer      27']);
    expect(answerLines('a = 1\nb = 2', options)).toEqual(['', 'a = 1\nb = 2', '']);
    expect(answerLines('nine cells', options)).toEqual(['', 'nine cells', '']);
  });

  it('says in one row what a parser found in the code of each candidate', () => {
    const parsing = { type: 'code/parsed', languageId: 'go', durationMs: 2, timeMs: 1 } as const;
    const state = reduceTraceAll(initialTraceState, [
      { ...parsing, candidateId: 0, errorCount: 0, firstError: null, seq: 0 },
      { ...parsing, candidateId: 2, errorCount: 1, firstError: { line: 3, column: 7 }, seq: 1 },
    ]);
    const lines = searchLines(state, { columns: 80, style: plain });
    expect(lines.filter((line) => line.startsWith('syntax'))).toEqual([
      'syntax      1 parses · 3 1 error from 3:7',
    ]);
  });

  it('says of each test of code whether it was confined, and why one was not', () => {
    const test = { type: 'verification/finished', command: 'npm test', durationMs: 1200, timeMs: 1 } as const;
    const passed = { outcome: 'passed', exitCode: 0, output: '' } as const;
    const why = 'bubblewrap is not installed. Install it.';
    const state = reduceTraceAll(initialTraceState, [
      { ...test, ...passed, candidateId: 0, confinement: { kind: 'bubblewrap' }, seq: 0 },
      { ...test, ...passed, candidateId: 1, confinement: { kind: 'none', why }, seq: 1 },
      { ...test, ...passed, candidateId: 2, seq: 2 },
    ]);
    const lines = searchLines(state, { columns: Infinity, style: plain });
    const first = lines.findIndex((line) => line.startsWith('tests'));
    expect(lines.slice(first, first + 4).map((line) => line.slice(12))).toEqual([
      '1 passed in 1.2 s, confined: npm test',
      '2 passed in 1.2 s, not confined: npm test',
      '3 passed in 1.2 s, not confined: npm test',
      `The command could read your files and reach the network. ${why}`,
    ]);
  });

  it('has votes only where no test decided', () => {
    const at = { timeMs: 1 } as const;
    const tallies = [
      { answer: 'a', candidateIds: [0], weight: 1 },
      { answer: 'b', candidateIds: [1, 2], weight: 0 },
    ];
    const voted = (outcome: 'passed' | 'failed'): readonly string[] => {
      const state = reduceTraceAll(initialTraceState, [
        {
          ...at,
          type: 'verification/finished',
          candidateId: 0,
          command: 'npm test',
          outcome,
          exitCode: 0,
          output: '',
          durationMs: 9,
          seq: 0,
        },
        { ...at, type: 'vote/cast', selector: 'verifiedCode', tallies, seq: 1 },
        { ...at, type: 'answer/selected', candidateId: 0, answer: 'a', text: 'a', seq: 2 },
      ]);
      return searchLines(state, { columns: 80, style: plain }).filter((line) => line.startsWith('vote'));
    };
    expect(voted('passed')).toEqual([]);
    expect(voted('failed')).toEqual(['vote        a ×1 · b ×2 by verifiedCode']);
  });

  it('shows what went wrong', () => {
    const failed: TraceEvent = {
      type: 'request/failed',
      seq: 0,
      timeMs: 1,
      error: { code: 'engine.failed', message: 'The engine stopped.', remedy: 'Try again.' },
      ledger: initialTraceState.ledger,
    };
    const lines = viewOf(reduceTraceAll(initialTraceState, [failed]), { columns: 60, style: plain });
    expect(lines.join('\n')).toContain('The engine stopped.');
  });

  it('keeps the row of a candidate in one line, whatever it answers', () => {
    const tokens: TokenColumns = {
      ids: [1],
      texts: ['x'],
      logprobs: [0],
      entropyNats: [1],
      varentropy: [0],
      margins: [1],
      alternatives: [[]],
      sources: ['model'],
    };
    const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
    const events: readonly SearchEvent[] = [
      { type: 'candidate/opened', candidateId: 0, parent: null, sampler },
      { type: 'tokens/appended', candidateId: 0, purpose: 'answer', tokens },
      { type: 'candidate/closed', candidateId: 0, end: 'finished', answer: 'a\nb\x1b[2J' },
    ];
    const numbered = events.map((event, seq): TraceEvent => ({ ...event, seq, timeMs: seq }));
    const state = reduceTraceAll(initialTraceState, numbered);
    const lines = viewOf(state, { columns: 60, style: plain });
    expect(lines.join('')).not.toMatch(/[\n\x1b]/);
  });
});

describe('ghost text', () => {
  const text = {
    before: 'a\nb\ndef f(x):\n\treturn ',
    after: '\n\nprint(f(1))\n',
    completion: 'x + 1\n\t# end',
  };

  it('stands in its place between guillemets where there is no weight', () => {
    expect(ghostTextView(text, { columns: 40, style: plain, hasColour: false })).toEqual([
      '1 │ a',
      '2 │ b',
      '3 │ def f(x):',
      '4 │     return «x + 1»',
      '  │ «    # end»',
      '5 │ ',
      '6 │ print(f(1))',
      '7 │ ',
    ]);
  });

  it('shows what lies next to the cursor of an endless line, at once', () => {
    const endless = {
      before: `a = [${'1, '.repeat(700_000)}`,
      after: ` 3${', 4'.repeat(700_000)}]`,
      completion: '2,',
    };
    expect(ghostTextView(endless, { columns: 30, style: plain, hasColour: false })).toEqual([
      '1 │ …1, 1, 1, 1, 1, 1, 1, «2,»',
    ]);
  });

  it('fits its width', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '漢', '😀', '\t', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(
        line,
        line,
        line,
        fc.integer({ min: 20, max: 60 }),
        (before, after, completion, columns) => {
          for (const hasColour of [false, true]) {
            const lines = ghostTextView({ before, after, completion }, { columns, style: plain, hasColour });
            for (const shown of lines) expect(cellWidth(shown), shown).toBeLessThanOrEqual(columns);
          }
        },
      ),
    );
  });

  it('shows the place alone when there is nothing to insert', () => {
    const lines = ghostTextView({ ...text, completion: '' }, { columns: 40, style: plain, hasColour: false });
    expect(lines[3]).toBe('4 │     return ');
  });
});

describe('the painter', () => {
  function painting(rows: number) {
    const written: string[] = [];
    return {
      written,
      painter: new Painter(
        (text) => written.push(text),
        () => rows,
      ),
    };
  }

  it('goes up by as many lines as it has drawn, and draws nothing twice', () => {
    const { written, painter } = painting(4);
    painter.paint(['one', 'two']);
    painter.paint(['one', 'two']);
    painter.paint(['1', '2', '3', '4', '5']);
    painter.paint(['last']);
    expect(written).toHaveLength(3);
    expect(written[0]).not.toContain('\x1b[2A');
    expect(written[1]).toContain('\x1b[2A');
    expect(written[1]).not.toContain('2\n');
    expect(written[2]).toContain('\x1b[3A');
  });

  it('never leaves the cursor hidden', () => {
    const { written, painter } = painting(24);
    painter.paint(['one']);
    painter.paint([]);
    for (const frame of written)
      expect(frame.lastIndexOf('\x1b[?25h')).toBeGreaterThan(frame.lastIndexOf('\x1b[?25l'));
  });

  it('makes way for a line that is said meanwhile, and goes on below it', () => {
    const { written, painter } = painting(24);
    painter.paint(['block']);
    painter.makeWay(() => written.push('said\n'));
    expect(written.slice(1)).toEqual([
      '\x1b[1A\r\x1b[J',
      'said\n',
      expect.stringMatching(/^\x1b\[\?25l\x1b\[2Kblock/),
    ]);
  });

  it('leaves a block standing', () => {
    const { written, painter } = painting(24);
    painter.paint(['first']);
    painter.leave();
    painter.makeWay(() => written.push('said\n'));
    painter.paint(['second']);
    expect(written.slice(1)).toEqual(['said\n', expect.not.stringContaining('\x1b[1A')]);
  });
});
