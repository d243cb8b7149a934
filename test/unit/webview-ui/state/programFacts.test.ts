import { describe, expect, it } from 'vitest';
import type { SearchEvent, TraceEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../../protocol/traceState.ts';
import { hasProgramFacts, programFacts } from '../../../../webview-ui/state/programFacts.ts';

const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
const opened = (candidateId: number, repairs?: number): SearchEvent => ({
  type: 'candidate/opened',
  candidateId,
  parent: null,
  sampler,
  ...(repairs !== undefined && { repairs }),
});
const closed = (candidateId: number, answer: string): SearchEvent => ({
  type: 'candidate/closed',
  candidateId,
  end: 'finished',
  answer,
});
const parsed = (candidateId: number, errorCount = 0): SearchEvent => ({
  type: 'code/parsed',
  candidateId,
  languageId: 'python',
  errorCount,
  firstError: errorCount === 0 ? null : { line: 3, column: 7 },
  durationMs: 1,
});
const tested = (candidateId: number, exitCode: number, output = ''): SearchEvent => ({
  type: 'verification/finished',
  candidateId,
  command: 'pytest -q',
  outcome: exitCode === 0 ? 'passed' : 'failed',
  exitCode,
  output,
  durationMs: 900,
  confinement: { kind: 'bubblewrap' },
});

function stateAfter(...events: readonly SearchEvent[]): TraceState {
  return reduceTraceAll(
    initialTraceState,
    events.map((event, seq): TraceEvent => ({ ...event, seq, timeMs: seq })),
  );
}

function factsOf(state: TraceState): readonly (readonly string[])[] {
  return state.candidates.map((candidate) => programFacts(state, candidate).map(({ name }) => name));
}

describe('programFacts', () => {
  const state = stateAfter(
    ...[opened(0), opened(1), opened(2)],
    ...[closed(0, 'a'), parsed(0), tested(0, 1, `${'.'.repeat(900)} 2 + 3 = -1`)],
    ...[closed(1, 'b'), parsed(1, 2), closed(2, 'a')],
    ...[opened(3, 0), closed(3, 'c'), parsed(3), tested(3, 0)],
    { type: 'answer/selected', candidateId: 3, answer: 'c', text: 'c' },
  );

  it('says what parses, what passes, what was repaired and which program is the answer', () => {
    expect(factsOf(state)).toEqual([
      ['parses', 'test failed (1)', 'repaired by #4'],
      ['does not parse'],
      // It wrote the same as candidate 0, under whose name that was read and tested.
      ['parses', 'test failed (1)'],
      ['parses', 'test passed (0)', 'repairs #1', 'chosen'],
    ]);
  });

  it('has the exit code and the end of the output at hand', () => {
    const [first] = state.candidates;
    const [, test] = first === undefined ? [] : programFacts(state, first);
    expect(test?.tone).toBe('bad');
    expect(test?.meaning).toMatch(/^pytest -q: failed\. .+ Exit code 1\.\n\n….+2 \+ 3 = -1$/su);
    expect(test?.meaning.length).toBeLessThan(520);
  });

  it('says nothing of traces without programs', () => {
    const plain = stateAfter(opened(0), closed(0, '12'), {
      type: 'answer/selected',
      candidateId: 0,
      answer: '12',
      text: '12',
    });
    expect(hasProgramFacts(plain)).toBe(false);
    expect(factsOf(plain)).toEqual([[]]);
  });
});
