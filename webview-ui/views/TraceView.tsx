import { useCallback, useMemo, useState } from 'preact/hooks';
import type { CandidateId, RequestId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import type { PanelHost } from '../state/panelHost.ts';
import type { PanelState } from '../state/panelState.ts';
import { shownCandidate } from '../state/shownCandidate.ts';
import { takesQuestions } from '../state/takesQuestions.ts';
import { TokenFocus } from '../state/tokenFocus.ts';
import { AnswerCard } from './AnswerCard.tsx';
import { BudgetSection } from './BudgetSection.tsx';
import { CandidateLanes } from './CandidateLanes.tsx';
import { ContextSection } from './ContextSection.tsx';
import { DecisionList } from './DecisionList.tsx';
import { DifficultySection } from './DifficultySection.tsx';
import { EntropyChart } from './EntropyChart.tsx';
import { Header } from './Header.tsx';
import { SpeculationSection } from './SpeculationSection.tsx';
import { TokenStrip } from './TokenStrip.tsx';
import { TraceList } from './TraceList.tsx';
import { TrialSection } from './TrialSection.tsx';
import { VerificationSection } from './VerificationSection.tsx';
import { VoteSection } from './VoteSection.tsx';

interface TraceViewProps {
  readonly requestId: RequestId;
  readonly panel: PanelState;
  readonly host: PanelHost;
}

/** Everything known of one request. Mounted anew for another one, so that no choice is carried over. */
export function TraceView({ requestId, panel, host }: TraceViewProps) {
  const { trace, traces, difficultyChoice, canAskAgain, health } = panel;
  const [chosenId, setChosenId] = useState<CandidateId | null>(null);
  const focus = useMemo(() => new TokenFocus(), []);
  const shown = shownCandidate(trace, chosenId);
  const choose = useCallback(
    (candidateId: CandidateId, tokenIndex: number | null) => {
      setChosenId(candidateId);
      focus.set(tokenIndex === null ? null : { candidateId, tokenIndex, by: 'lane' });
    },
    [focus],
  );
  return (
    <>
      <Header requestId={requestId} trace={trace} host={host} />
      <div class="columns">
        <div class="column-main">
          <AnswerCard trace={trace} host={host} />
          {shown === null ? (
            <p class="waiting">{waitingText(trace)}</p>
          ) : (
            <>
              <CandidateLanes trace={trace} shown={shown} focus={focus} onChoose={choose} />
              <EntropyChart trace={trace} shown={shown} focus={focus} />
              <TokenStrip key={shown.id} candidate={shown} focus={focus} />
            </>
          )}
        </div>
        <div class="column-side">
          <ContextSection trace={trace} traces={traces} host={host} />
          <DifficultySection
            requestId={requestId}
            difficulty={trace.difficulty}
            choice={difficultyChoice}
            repeat={canAskAgain ? (takesQuestions(health) ? 'possible' : 'waiting') : 'unknown'}
            host={host}
          />
          <BudgetSection ledger={trace.ledger} budget={trace.budget} />
          <VoteSection trace={trace} onChoose={choose} />
          <VerificationSection trace={trace} onChoose={choose} />
          <TrialSection trials={trace.trials} onChoose={choose} />
          <DecisionList decisions={trace.decisions} onChoose={choose} />
          <SpeculationSection measured={trace.speculation} />
          {host.mode === 'live' ? <TraceList traces={traces} shownId={requestId} host={host} /> : null}
        </div>
      </div>
    </>
  );
}

function waitingText(trace: TraceState): string {
  if (trace.status.type !== 'waiting' && trace.status.type !== 'running') {
    return 'This request ended before a candidate was opened.';
  }
  return trace.prefill === null ? 'Reading the prompt…' : 'Waiting for the first token…';
}
