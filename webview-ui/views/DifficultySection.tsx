import { strategyName } from '../../protocol/strategyTable.ts';
import type { DifficultyClass } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { formatCount, formatNats, formatPercent } from '../charts/numberFormat.ts';
import { Bar } from '../components/Bar.tsx';
import { Section } from '../components/Section.tsx';
import { difficultySourceWords, difficultyWords } from '../state/wording.ts';

const classes: readonly DifficultyClass[] = ['easy', 'normal', 'hard'];

/** How hard the question was judged, why, and what followed from it. */
export function DifficultySection({ difficulty }: { readonly difficulty: TraceState['difficulty'] }) {
  if (difficulty === null) return null;
  const source = difficultySourceWords[difficulty.source];
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
        {classes.map((name, index) => {
          const share = difficulty.probabilities?.[index];
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
      <dl class="facts">
        <dt>Strategy</dt>
        <dd>{strategyName(difficulty.strategy)}</dd>
        <dt>Temperature</dt>
        <dd>{difficulty.temperature}</dd>
        <dt>Thought budget</dt>
        <dd>{formatCount(difficulty.budget.thoughtTokensPerCandidate)} tokens each</dd>
        {difficulty.meanEntropyNats === null ? null : (
          <>
            <dt>Mean entropy</dt>
            <dd>{formatNats(difficulty.meanEntropyNats)}</dd>
          </>
        )}
        {difficulty.fixedByUser.length === 0 ? null : (
          <>
            <dt>Set by you</dt>
            <dd>{difficulty.fixedByUser.join(', ')}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}
