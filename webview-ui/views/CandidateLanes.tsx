import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { CandidateId } from '../../protocol/traceEvent.ts';
import { type CandidateState, latestValue, type TraceState } from '../../protocol/traceState.ts';
import { layoutCandidateLanes, type LanesLayout, thoughtBudgetOf } from '../charts/candidateLanes.ts';
import { doubtNats } from '../../protocol/tokenColumns.ts';
import { summariseEntropy } from '../charts/entropySeries.ts';
import { formatCount, formatNats, formatPercent, formatTokens } from '../charts/numberFormat.ts';
import { paintLanes } from '../charts/paintLanes.ts';
import { tokenToX, xToToken } from '../charts/tokenAxis.ts';
import { ProgramFacts } from '../components/ProgramFacts.tsx';
import { Section } from '../components/Section.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { useElementWidth } from '../components/useElementWidth.ts';
import { usePalette } from '../components/usePalette.ts';
import { useTokenFocus } from '../components/useTokenFocus.ts';
import { shortAnswer } from '../state/shortAnswer.ts';
import { hasProgramFacts, programFacts } from '../state/programFacts.ts';
import type { TokenFocus } from '../state/tokenFocus.ts';
import { decisionWords, statusWords } from '../state/panelWords.ts';

const laneHeightPx = 40;
/** Below a lane, where it has something to say of a program. */
const programLinePx = 18;

interface CandidateLanesProps {
  readonly trace: TraceState;
  readonly shown: CandidateState;
  readonly focus: TokenFocus;
  /** A click on a lane also names the token under the pointer, counted in the candidate's own tokens. */
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** All candidates on one token axis. A list box: arrow keys choose the candidate whose tokens are shown. */
export function CandidateLanes({ trace, shown, focus, onChoose }: CandidateLanesProps) {
  const shownId = shown.id;
  const track = useRef<HTMLDivElement>(null);
  const widthPx = useElementWidth(track);
  const { candidates, decisions, values, budget, status } = trace;
  const rowHeightPx = laneHeightPx + (hasProgramFacts(trace) ? programLinePx : 0);
  const layout = useMemo(
    () => layoutCandidateLanes(trace, { widthPx, laneHeightPx, rowHeightPx }),
    [candidates, decisions, values, budget, status.type, widthPx, rowHeightPx],
  );

  const chooseByKey = (event: KeyboardEvent): void => {
    const row = candidates.findIndex((candidate) => candidate.id === shownId);
    const target = rowForKey(event.key, row, candidates.length);
    const candidate = target === null ? undefined : candidates[target];
    if (candidate === undefined) return;
    event.preventDefault();
    onChoose(candidate.id, null);
  };
  const chooseByPointer = (event: MouseEvent, candidate: CandidateState): void => {
    const left = track.current?.getBoundingClientRect().left ?? 0;
    onChoose(candidate.id, tokenUnder(layout, candidate, event.clientX - left));
  };

  return (
    <Section title="Candidates" name="lanes" aside={<LanesLegend layout={layout} trace={trace} />}>
      <div
        class="lanes"
        style={{ '--lane-height': `${laneHeightPx}px`, '--row-height': `${rowHeightPx}px` }}
        role="listbox"
        tabIndex={0}
        aria-label="Candidates"
        aria-activedescendant={laneId(shownId)}
        onKeyDown={chooseByKey}
      >
        {candidates.map((candidate) => (
          <div
            key={candidate.id}
            id={laneId(candidate.id)}
            class="lane"
            role="option"
            aria-selected={candidate.id === shownId}
            aria-label={describeCandidate(candidate, trace)}
            onClick={(event) => {
              chooseByPointer(event, candidate);
            }}
          >
            <LaneLabel candidate={candidate} value={valueOf(trace, candidate)} />
            <ProgramFacts facts={programFacts(trace, candidate)} />
          </div>
        ))}
        <div class="lanes-track" ref={track} aria-hidden="true">
          <LanesCanvas layout={layout} shownId={shownId} />
          <FocusLine layout={layout} shown={shown} focus={focus} />
        </div>
      </div>
      <LanesAxis layout={layout} />
    </Section>
  );
}

interface LanesCanvasProps {
  readonly layout: LanesLayout;
  readonly shownId: CandidateId;
}

function LanesCanvas({ layout, shownId }: LanesCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();
  useEffect(() => {
    if (canvas.current === null || layout.widthPx === 0) return;
    paintLanes(canvas.current, layout, { palette, shownId, pixelRatio: window.devicePixelRatio });
  }, [layout, palette, shownId]);
  return <canvas ref={canvas} class="lanes-canvas" />;
}

/** P(right) of a candidate, 0…1: at its answer, or at its last line so far; null where nothing was read. */
function valueOf({ values }: TraceState, { id }: CandidateState): number | null {
  const read = values.find(({ candidateId }) => candidateId === id);
  return read === undefined ? null : latestValue(read);
}

interface LaneLabelProps {
  readonly candidate: CandidateState;
  readonly value: number | null;
}

function LaneLabel({ candidate, value }: LaneLabelProps) {
  const short = candidate.answer === null ? null : shortAnswer(candidate.answer);
  return (
    <div class="lane-label">
      <span class="lane-name">
        <span class="lane-number">#{candidate.id + 1}</span>
        <StatusBadge status={candidate.status} />
      </span>
      <span class="lane-facts">
        {short === null ? null : (
          <span class="lane-answer" title={short.tooltip}>
            {short.line}
          </span>
        )}
        {value === null ? null : (
          <span class="lane-value" title="How likely it is right, as the value head reads it">
            {formatPercent(value)}
          </span>
        )}
        <span class="lane-count">{formatCount(candidate.tokenCount)} tok</span>
      </span>
    </div>
  );
}

interface FocusLineProps {
  readonly layout: LanesLayout;
  readonly shown: CandidateState;
  readonly focus: TokenFocus;
}

/** Where the token under the pointer or the keyboard lies on the shared axis. */
function FocusLine({ layout, shown, focus }: FocusLineProps) {
  const focused = useTokenFocus(focus);
  const lane = layout.lanes.find((entry) => entry.candidateId === shown.id);
  if (lane === undefined || focused?.candidateId !== shown.id) return null;
  const x = lane.startX + tokenToX(layout.axis, focused.tokenIndex + 0.5, layout.widthPx);
  return <div class="lanes-focus" style={{ left: `${x}px` }} />;
}

function LanesAxis({ layout }: { readonly layout: LanesLayout }) {
  return (
    <div class="lanes-axis" aria-hidden="true">
      <div class="lanes-axis-track">
        {layout.ticks.map((tick) => (
          <span
            key={tick.token}
            class="lanes-tick"
            style={{ left: `${tick.x}px` }}
            data-last={tick.x > layout.widthPx - 24 ? '' : undefined}
          >
            {formatCount(tick.token)}
          </span>
        ))}
      </div>
    </div>
  );
}

function LanesLegend({ layout, trace }: { readonly layout: LanesLayout; readonly trace: TraceState }) {
  const budgetTokens = thoughtBudgetOf(trace);
  const hasDecisions = layout.lanes.some((lane) => lane.marks.some((mark) => mark.type === 'decision'));
  const hasValues = layout.lanes.some((lane) => lane.values.length > 0);
  const hasCues = layout.lanes.some((lane) => lane.marks.some((mark) => mark.type === 'cue'));
  const hasThought = layout.lanes.some((lane) => lane.boxes.some(({ purpose }) => purpose === 'thought'));
  return (
    <ul class="legend">
      {hasThought ? (
        <li>
          <i class="swatch swatch-thought" aria-hidden="true" />
          thought
        </li>
      ) : null}
      <li>
        <i class="swatch swatch-answer" aria-hidden="true" />
        answer
      </li>
      {budgetTokens === null ? null : (
        <li>
          <i class="swatch swatch-budget" aria-hidden="true" />
          thought budget {formatCount(budgetTokens)}
        </li>
      )}
      {hasValues ? (
        <li>
          <i class="swatch swatch-value" aria-hidden="true" />
          P(right)
        </li>
      ) : null}
      {hasCues ? (
        <li>
          <i class="swatch swatch-cue" aria-hidden="true" />
          cue
        </li>
      ) : null}
      {hasDecisions ? (
        <li>
          <i class="swatch swatch-decision" aria-hidden="true" />
          decision
        </li>
      ) : null}
    </ul>
  );
}

function describeCandidate(candidate: CandidateState, trace: TraceState): string {
  const { meanNats } = summariseEntropy(doubtNats(candidate.tokens));
  const value = valueOf(trace, candidate);
  const decisions = trace.decisions.filter((decision) => decision.candidateId === candidate.id);
  return [
    `Candidate ${candidate.id + 1}, ${statusWords[candidate.status].name}`,
    candidate.answer === null ? null : `answer ${shortAnswer(candidate.answer).line}`,
    formatTokens(candidate.tokenCount),
    value === null ? null : `${formatPercent(value)} likely right`,
    meanNats === null ? null : `mean entropy ${formatNats(meanNats)}`,
    candidate.parent === null
      ? null
      : `continues candidate ${candidate.parent.candidateId + 1} after ${formatTokens(candidate.parent.tokenCount)}`,
    ...programFacts(trace, candidate).map(({ name }) => name),
    ...decisions.map((decision) => decisionWords[decision.kind].toLowerCase()),
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function laneId(candidateId: CandidateId): string {
  return `lane-${candidateId}`;
}

function tokenUnder(layout: LanesLayout, candidate: CandidateState, x: number): number | null {
  const lane = layout.lanes.find((entry) => entry.candidateId === candidate.id);
  if (lane === undefined || x < lane.startX || x > lane.endX) return null;
  const start = xToToken(layout.axis, lane.startX + 0.5, layout.widthPx);
  const token = xToToken(layout.axis, x, layout.widthPx) - start;
  return Math.max(0, Math.min(candidate.tokenCount - 1, token));
}

function rowForKey(key: string, row: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, row + 1);
    case 'ArrowUp':
      return Math.max(0, row - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
