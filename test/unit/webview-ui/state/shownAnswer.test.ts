import { describe, expect, it } from 'vitest';
import type { SearchEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../../protocol/traceState.ts';
import { leadingCandidate } from '../../../../webview-ui/state/leadingCandidate.ts';
import { shownAnswer } from '../../../../webview-ui/state/shownAnswer.ts';
import { answeringTrace, closed, written } from '../../../support/trace/answerEvents.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

const cue: SearchEvent = { type: 'cue/appended', candidateId: 0, text: '\n\nFinal answer:', tokenCount: 4 };

function stateOf(candidateCount: number, ...events: readonly SearchEvent[]): TraceState {
  return reduceTraceAll(initialTraceState, answeringTrace(candidateCount, events));
}

describe('shownAnswer', () => {
  it('is nothing until something was written', () => {
    expect(shownAnswer(initialTraceState)).toBeNull();
    expect(shownAnswer(stateOf(1))).toBeNull();
  });

  it('has the thought and the answer apart while they are written', () => {
    const thinking = stateOf(1, written(0, 'thought', '16 - 7 is 9.'));
    expect(shownAnswer(thinking)).toMatchObject({ thought: '16 - 7 is 9.', answer: '', isGrowing: true });
    const answering = stateOf(1, written(0, 'thought', '16 - 7 is 9.'), cue, written(0, 'answer', ' 18'));
    expect(shownAnswer(answering)).toMatchObject({
      thought: '16 - 7 is 9.\n\nFinal answer:',
      answer: ' 18',
      words: null,
    });
  });

  it('takes the selected text apart where its thought ends', () => {
    const events = [written(0, 'thought', 'So 9.'), cue, written(0, 'answer', ' 18'), closed(0, '18')];
    const text = 'So 9.\n\nFinal answer: 18';
    const selected = stateOf(1, ...events, { type: 'answer/selected', candidateId: 0, answer: '18', text });
    expect(shownAnswer(selected)).toMatchObject({
      thought: 'So 9.\n\nFinal answer:',
      answer: ' 18',
      isGrowing: false,
    });
  });

  it('is the whole text where the selected one cannot be taken apart', () => {
    const finished = reduceTraceAll(initialTraceState, generatedTrace());
    expect(shownAnswer(finished)).toMatchObject({ thought: '', answer: finished.selected?.text });
  });

  it('takes a thought that ended by itself as the answer', () => {
    const prose = stateOf(1, written(0, 'thought', 'A trie is a tree.'), closed(0, null));
    expect(shownAnswer(prose)).toMatchObject({ thought: '', answer: 'A trie is a tree.' });
  });

  it('begins a fork with what it was forked after', () => {
    const { sampler } = generatedTrace().flatMap((event) =>
      event.type === 'candidate/opened' ? [event] : [],
    )[0] ?? { sampler: null };
    if (sampler === null) throw new Error('The generated trace opens no candidate.');
    const fork: SearchEvent = {
      type: 'candidate/opened',
      candidateId: 1,
      parent: { candidateId: 0, tokenCount: 2 },
      sampler,
    };
    const forked = stateOf(
      1,
      written(0, 'thought', 'Two steps back'),
      fork,
      written(1, 'thought', ' on.'),
      written(1, 'answer', ' 3'),
    );
    expect(shownAnswer(forked)).toMatchObject({ thought: 'Two steps on.', answer: ' 3' });
  });
});

describe('leadingCandidate', () => {
  const leaderOf = (state: TraceState) => {
    const leading = leadingCandidate(state);
    return [leading?.candidate.id, leading?.words];
  };

  it('is the first that runs, then the first to answer, then the first of the largest group', () => {
    const thoughts = [0, 1, 2].map((id) => written(id, 'thought', 'So'));
    expect(leaderOf(stateOf(3, ...thoughts))).toEqual([0, 'Candidate 1 leads; none has answered']);
    const answering = [...thoughts, written(2, 'answer', ' 5')];
    expect(leaderOf(stateOf(3, ...answering))).toEqual([2, 'Candidate 3 leads: the first to answer']);
    const two = [...answering, closed(2, '5'), closed(0, '7')];
    expect(leaderOf(stateOf(3, ...two))).toEqual([0, 'Candidate 1 leads with 1 of 2 answers so far']);
    expect(leaderOf(stateOf(3, ...two, closed(1, '5')))).toEqual([
      1,
      'Candidate 2 leads with 2 of 3 answers so far',
    ]);
  });

  it('passes over a candidate that was pruned, and says nothing of the only one or of the selected one', () => {
    const pruned: SearchEvent = { type: 'candidate/closed', candidateId: 0, end: 'pruned', answer: null };
    expect(leaderOf(stateOf(2, written(0, 'answer', ' 5'), pruned))[0]).toBe(1);
    expect(leaderOf(stateOf(1, written(0, 'answer', ' 5')))).toEqual([0, null]);
    const selected: SearchEvent = { type: 'answer/selected', candidateId: 1, answer: '5', text: ' 5' };
    expect(leaderOf(stateOf(2, closed(0, '7'), closed(1, '5'), selected))).toEqual([1, null]);
    expect(leadingCandidate(initialTraceState)).toBeNull();
  });
});
