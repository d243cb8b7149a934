import { Fragment } from 'preact';
import type { DifficultyChoice } from '../../protocol/messages.ts';
import { selectorWords } from '../../protocol/selectorTable.ts';
import { strategyName } from '../../protocol/strategyTable.ts';
import { difficultyClasses, type RequestId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { formatNats, formatPercent, formatTokens } from '../charts/numberFormat.ts';
import { Bar } from '../components/Bar.tsx';
import { Section } from '../components/Section.tsx';
import type { PanelHost } from '../state/panelHost.ts';
import {
  difficultySourceWording,
  difficultyWords,
  featureWords,
  fixedChoiceWords,
  shownProbabilities,
} from '../state/panelWords.ts';
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
  const { offers = [] } = difficulty;
  const source = difficultySourceWording(difficulty);
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
      <ClassBars difficulty={difficulty} />
      <p class="why">{difficulty.why}</p>
      {followsFromIt(difficulty) ? null : (
        <p class="why">Nothing follows from it by itself: every class is answered the same way.</p>
      )}
      <dl class="facts">
        {factsOf(difficulty).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
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

type DecidedDifficulty = NonNullable<TraceState['difficulty']>;

function ClassBars({ difficulty }: { readonly difficulty: DecidedDifficulty }) {
  const probabilities = shownProbabilities(difficulty);
  return (
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
  );
}

/** Name and value of each fact; those that say nothing about this question are left out. */
function factsOf(difficulty: DecidedDifficulty): readonly (readonly [string, string])[] {
  const { parameters, strategy, temperature, budget, meanEntropyNats, fixedByUser, features } = difficulty;
  const evidence = featureWords(features);
  const steps = parameters?.stepSearch;
  const facts: readonly (readonly [string, string] | null)[] = [
    evidence === '' ? null : ['Read', evidence],
    ['Strategy', strategyName(strategy)],
    ['Temperature', String(temperature)],
    ['Thought budget', `${formatTokens(budget.thoughtTokensPerCandidate)} each`],
    parameters === undefined || parameters.candidates === 1
      ? null
      : ['Candidates', `up to ${parameters.candidates}`],
    parameters?.selector ? ['Selector', selectorWords(parameters.selector).name] : null,
    steps ? ['Steps', `up to ${steps.maxSteps}, ${steps.stepChildren} ways each`] : null,
    parameters?.skipPreamble ? ['Thoughts begin', 'at the first step'] : null,
    parameters?.think ? ['Own thinking', parameters.think] : null,
    parameters?.repair ? ['Repair', 'once, where no program passes'] : null,
    meanEntropyNats === null ? null : ['Mean entropy', formatNats(meanEntropyNats)],
    fixedByUser.length === 0
      ? null
      : ['Set by you', fixedByUser.map((choice) => fixedChoiceWords[choice]).join(', ')],
  ];
  return facts.filter((fact) => fact !== null);
}

/** Whether what was read changed anything: it does not where a table leads from every class to the same. */
function followsFromIt({ isAdaptive, source }: DecidedDifficulty): boolean {
  return isAdaptive !== false || source === 'override' || source === 'nothingToCompute';
}
