import { generatedTokenCount, type Ledger } from '../../../protocol/budget.ts';
import type { RequestTiming } from '../../../protocol/traceEvent.ts';
import type { CandidateState, CandidateStatus, TraceState } from '../../../protocol/traceState.ts';
import { cellWidth, fitLine } from './cellWidth.ts';
import { sparkline } from './sparkline.ts';
import type { Style } from './style.ts';

export interface ViewOptions {
  readonly columns: number;
  readonly style: Style;
  /** Keys that act on the request now; empty when none can be read. */
  readonly keys: string;
}

const labelWidth = 'difficulty'.length;
const statusWidth = 'truncated'.length;
/** Between the parts of a row. */
const gap = '  ';

/**
 * The whole request as lines that fit: what is asked, how hard it looks, a row a candidate, then vote, answer and
 * ledger as they become known. Pure; the painter decides when and where.
 */
export function requestView(state: TraceState, options: ViewOptions): readonly string[] {
  return [
    ...headLines(state, options),
    ...candidateRows(state, options),
    ...outcomeLines(state, options),
    ...(isRunning(state) && options.keys !== ''
      ? [options.style.dim(fitLine(options.keys, options.columns))]
      : []),
  ];
}

function headLines(
  { started, prefill, difficulty }: TraceState,
  { columns, style }: ViewOptions,
): readonly string[] {
  if (started === null) return [style.dim('waiting for the engine')];
  const about = [
    started.model.name,
    `${started.candidateCount} ${started.candidateCount === 1 ? 'candidate' : 'candidates'}`,
    `seed ${started.seed}`,
    prefill === null
      ? `reading ${started.promptTokenCount} prompt tokens`
      : `${prefill.tokenCount} prompt tokens, ${prefill.cachedTokenCount} cached`,
  ].join(' · ');
  const lines = [style.bold(fitLine(started.title, columns)), style.dim(fitLine(about, columns))];
  if (difficulty === null) return lines;
  const { difficulty: level, strategy, temperature, why } = difficulty;
  const text = `${level} → ${strategy} at temperature ${temperature}: ${why}`;
  return [...lines, labelled('difficulty', text, { columns, style })];
}

function candidateRows(state: TraceState, { columns, style }: ViewOptions): readonly string[] {
  const cap = state.budget === null ? 0 : tokenCap(state);
  const counts = state.candidates.map(({ tokenCount }) => `${tokenCount}/${cap}`);
  const countWidth = Math.max(0, ...counts.map((count) => count.length));
  const answerWidth = Math.min(16, Math.max(0, ...state.candidates.map((c) => cellWidth(c.answer ?? ''))));
  const idWidth = String(Math.max(0, state.candidates.length - 1)).length;
  const fixed =
    idWidth + statusWidth + countWidth + (answerWidth > 0 ? answerWidth + gap.length : 0) + 3 * gap.length;
  const sparkWidth = Math.max(0, columns - fixed);
  return state.candidates.map((candidate, index) => {
    const spark = sparkline(candidate.tokens.entropyNats, sparkWidth, style);
    const padding = ' '.repeat(Math.max(0, sparkWidth - Math.min(candidate.tokenCount, sparkWidth)));
    const row = [
      String(candidate.id).padStart(idWidth),
      statusText(candidate.status, style),
      (counts[index] ?? '').padStart(countWidth),
      ...(sparkWidth > 0 ? [spark + padding] : []),
      ...(answerWidth > 0 ? [answerCell(candidate, answerWidth)] : []),
    ];
    return row.join(gap).trimEnd();
  });
}

/** Tokens one candidate may generate: thought and answer together, or less where the request's total is smaller. */
function tokenCap({ budget, started }: TraceState): number {
  if (budget === null) return 0;
  const thought = started?.kind === 'completion' ? 0 : budget.thoughtTokensPerCandidate;
  return Math.min(thought + budget.answerTokensPerCandidate, budget.generatedTokens ?? Infinity);
}

function answerCell({ answer }: CandidateState, width: number): string {
  return answer === null ? '' : fitLine(answer, width);
}

function statusText(status: CandidateStatus, style: Style): string {
  const text = status.padEnd(statusWidth);
  switch (status) {
    case 'won':
      return style.good(text);
    case 'running':
    case 'finished':
      return text;
    case 'truncated':
      return style.warm(text);
    case 'lost':
    case 'pruned':
    case 'stopped':
      return style.dim(text);
  }
}

function outcomeLines(state: TraceState, options: ViewOptions): readonly string[] {
  const { vote, selected, status } = state;
  const lines: string[] = [];
  if (vote !== null) {
    const tallies = [...vote.tallies].sort((a, b) => b.weight - a.weight);
    const text = tallies.map(({ answer, candidateIds }) => `${answer} ×${candidateIds.length}`).join(' · ');
    lines.push(labelled('vote', text, options));
  }
  if (selected !== null && state.started?.kind === 'ask') {
    lines.push(labelled('answer', selected.answer ?? 'none that could be read; see the text', options));
  }
  if (state.started !== null) lines.push(labelled('ledger', ledgerText(state.ledger), options));
  if (status.type === 'finished') {
    lines.push(labelled('speed', speedText(state.ledger, status.timing), options));
    if (status.reason !== 'answered') lines.push(labelled('ended', reasonTexts[status.reason], options));
  }
  if (status.type === 'failed') lines.push(labelled('failed', status.error.message, options));
  return lines;
}

const reasonTexts = {
  answered: 'with an answer',
  budgetExhausted: 'because the budget was used up',
  stoppedByUser: 'because you stopped it',
  cancelled: 'because it was cancelled',
} as const;

function ledgerText(ledger: Ledger): string {
  const { prompt, thought, answer, discardedCandidate, rejectedDraft, verification } = ledger.tokens;
  const parts = [
    `prompt ${prompt}`,
    `thought ${thought}`,
    `answer ${answer}`,
    `discarded ${discardedCandidate}`,
  ];
  if (rejectedDraft > 0) parts.push(`rejected drafts ${rejectedDraft}`);
  if (verification > 0) parts.push(`verification ${verification}`);
  return `${parts.join(' · ')} tokens`;
}

function speedText(ledger: Ledger, timing: RequestTiming): string {
  const parts = [`${generatedTokenCount(ledger)} tokens in ${seconds(ledger.durationMs)}`];
  if (timing.decodeTokensPerSecond !== null) parts.push(`${timing.decodeTokensPerSecond.toFixed(1)} tok/s`);
  if (timing.timeToFirstTokenMs !== null)
    parts.push(`first token after ${seconds(timing.timeToFirstTokenMs)}`);
  return parts.join(' · ');
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function labelled(
  label: string,
  text: string,
  { columns, style }: { readonly columns: number; readonly style: Style },
): string {
  const room = Math.max(1, columns - labelWidth - gap.length);
  return style.dim(label.padEnd(labelWidth)) + gap + fitLine(text, room);
}

function isRunning({ status }: TraceState): boolean {
  return status.type === 'running' || status.type === 'waiting';
}
