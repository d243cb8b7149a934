import type { DifficultyChoice } from '../../protocol/messages.ts';
import { selectorWords } from '../../protocol/selectorTable.ts';
import { strategyName } from '../../protocol/strategyTable.ts';
import { difficultyClasses, type RequestId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { formatCount, formatNats, formatPercent } from '../charts/numberFormat.ts';
import { Bar } from '../components/Bar.tsx';
import { Section } from '../components/Section.tsx';
import type { PanelHost } from '../state/panelHost.ts';
import {
  difficultySourceWording,
  difficultyWords,
  featureWords,
  fixedChoiceWords,
  shownProbabilities,
} from '../state/wording.ts';
import { AskAgain } from './AskAgain.tsx';
import { DifficultyOverride } from './DifficultyOverride.tsx';

interface DifficultySectionProps {
  readonly requestId: RequestId;
  readonly difficulty: TraceState['difficulty'];
  /** What is in force for the next question; null where nobody could change it. */
  readonly choice: DifficultyChoice | null;
  /** Whether the question can be asked again, or could be if the engine were ready. */
  readonly repeat: 'possible' | 'waiting' | 'unknown';
  readonly host: PanelHost;
}

/** How hard the question was judged, why, what followed from it, and how it or the next ones are to be taken. */
export function DifficultySection({ requestId, difficulty, choice, repeat, host }: DifficultySectionProps) {
  if (difficulty === null) return null;
  const { parameters, offers = [] } = difficulty;
  const source = difficultySourceWording(difficulty);
  const probabilities = shownProbabilities(difficulty);
  const evidence = featureWords(difficulty.features);
  return (
    <Section
      title="Difficulty"
      name="difficulty"
      aside={
        <span class="muted" title={source.meaning}>
          {source.name}
        </span>
      }
    >
      <ol class="difficulty">
        {difficultyClasses.map((name, index) => {
          const share = probabilities?.[index];
          return (
            <li key={name} aria-current={name === difficulty.difficulty ? 'true' : undefined}>
              <span class="difficulty-name">{difficultyWords[name]}</span>
              <Bar share={share ?? (name === difficulty.difficulty ? 1 : 0)} tone="difficulty" />
              {share === undefined ? null : <span class="number">{formatPercent(share)}</span>}
            </li>
          );
        })}
      </ol>
      <p class="why">{difficulty.why}</p>
      {followsFromIt(difficulty) ? null : (
        <p class="why">Nothing follows from it by itself: every class is answered the same way.</p>
      )}
      <dl class="facts">
        {evidence === '' ? null : (
          <>
            <dt>Read</dt>
            <dd>{evidence}</dd>
          </>
        )}
        <dt>Strategy</dt>
        <dd>{strategyName(difficulty.strategy)}</dd>
        <dt>Temperature</dt>
        <dd>{difficulty.temperature}</dd>
        <dt>Thought budget</dt>
        <dd>{formatCount(difficulty.budget.thoughtTokensPerCandidate)} tokens each</dd>
        {parameters === undefined || parameters.candidates === 1 ? null : (
          <>
            <dt>Candidates</dt>
            <dd>up to {parameters.candidates}</dd>
          </>
        )}
        {parameters?.selector ? (
          <>
            <dt>Selector</dt>
            <dd>{selectorWords(parameters.selector).name}</dd>
          </>
        ) : null}
        {parameters?.stepSearch ? (
          <>
            <dt>Steps</dt>
            <dd>
              up to {parameters.stepSearch.maxSteps}, {parameters.stepSearch.stepChildren} ways each
            </dd>
          </>
        ) : null}
        {parameters?.skipPreamble ? (
          <>
            <dt>Thoughts begin</dt>
            <dd>at the first step</dd>
          </>
        ) : null}
        {difficulty.meanEntropyNats === null ? null : (
          <>
            <dt>Mean entropy</dt>
            <dd>{formatNats(difficulty.meanEntropyNats)}</dd>
          </>
        )}
        {difficulty.fixedByUser.length === 0 ? null : (
          <>
            <dt>Set by you</dt>
            <dd>{difficulty.fixedByUser.map((choice) => fixedChoiceWords[choice]).join(', ')}</dd>
          </>
        )}
      </dl>
      {repeat === 'unknown' || offers.length === 0 ? null : (
        <AskAgain requestId={requestId} offers={offers} isEnabled={repeat === 'possible'} host={host} />
      )}
      {choice === null || offers.length === 0 ? null : (
        <DifficultyOverride choice={choice} offers={offers} host={host} />
      )}
    </Section>
  );
}

/** Whether what was read changed anything: it does not where a table leads from every class to the same. */
function followsFromIt({ isAdaptive, source }: NonNullable<TraceState['difficulty']>): boolean {
  return isAdaptive !== false || source === 'override' || source === 'nothingToCompute';
}
