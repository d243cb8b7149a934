import { describe, expect, it } from 'vitest';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { shownCandidate } from '../../../../webview-ui/state/shownCandidate.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

const finished = reduceTraceAll(initialTraceState, generatedTrace());

describe('shownCandidate', () => {
  it('follows the user’s choice, then the selected answer, then whoever is running', () => {
    expect(shownCandidate(finished, 3)?.id).toBe(3);
    expect(shownCandidate(finished, null)?.id).toBe(finished.selected?.candidateId);
    const unfinished = reduceTraceAll(initialTraceState, generatedTrace({ isUnfinished: true }));
    expect(shownCandidate(unfinished, null)?.status).toBe('running');
  });

  it('passes over a choice that this trace does not have', () => {
    expect(shownCandidate(finished, 99)?.id).toBe(finished.selected?.candidateId);
    expect(shownCandidate(initialTraceState, 0)).toBeNull();
  });
});
