import { generatedTokenCount, type Ledger, type Purpose, purposes } from '../../../protocol/budget.ts';
import { counted } from '../../../protocol/counted.ts';
import { takesParameter } from '../../../protocol/strategyTable.ts';
import { doubtNats } from '../../../protocol/tokenColumns.ts';
import type { DecisionKind, RequestTiming } from '../../../protocol/traceEvent.ts';
import {
  type CandidateStatus,
  latestValue,
  isProvenByTest,
  type TraceState,
  voteNotes,
} from '../../../protocol/traceState.ts';
import { confinementWords, purposeWords, stopReasonWords } from '../../../protocol/traceWords.ts';
import { excerptWithRest } from '../../reasoning/answers/excerpt.ts';
import { cellWidth, fitLine } from './cellWidth.ts';
import { sparkline } from './sparkline.ts';
import type { Style } from './style.ts';

export interface ViewOptions {
  /** Cells of a line; `Infinity` cuts nothing. */
  readonly columns: number;
  readonly style: Style;
}

const labelWidth = 'difficulty'.length;
const statusWidth = 'truncated'.length;
/** Between the parts of a row. */
const gap = '  ';
/** Lines narrower than this do not say which candidate another continues. */
const originColumns = 60;
/** An entropy curve where lines have no end. */
const endlessSparkWidth = 40;

/**
 * The search as lines that fit: what is asked, how hard it looks, a row a candidate, and the vote once it is known.
 * Pure, like all of these; who calls them decides when and where.
 */
export function searchLines(state: TraceState, options: ViewOptions): readonly string[] {
  return [
    ...headLines(state, options),
    ...candidateRows(state, options),
    ...trialLines(state, options),
    ...valueLines(state, options),
    ...parsingLines(state, options),
    ...verificationLines(state, options),
    ...voteLines(state, options),
  ];
}

/** The answer as a row beside the others, or as paragraphs of its own where one row does not hold it. */
export function answerLines(text: string, options: ViewOptions): readonly string[] {
  const room = options.columns - labelWidth - gap.length;
  if (text.includes('\n') || cellWidth(text) > room) return ['', text, ''];
  return [options.style.dim('answer'.padEnd(labelWidth)) + gap + options.style.bold(text)];
}

/** What the request has cost so far and, at its end, how fast it was and why it ended. */
export function costLines(state: TraceState, options: ViewOptions): readonly string[] {
  const { started, status, ledger } = state;
  const lines = started === null ? [] : [labelled('ledger', ledgerText(ledger), options)];
  if (status.type === 'finished') {
    lines.push(labelled('speed', speedText(ledger, status.timing), options));
    if (status.reason !== 'answered')
      lines.push(labelled('ended', stopReasonWords[status.reason].meaning, options));
  }
  if (status.type === 'failed') lines.push(labelled('failed', status.error.message, options));
  return lines;
}

/** How far a search is after so long, in one line for a log. */
export function progressLine({ prefill, candidates }: TraceState, elapsedMs: number): string {
  const tokens = candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  const running = candidates.filter(({ status }) => status === 'running').length;
  const what =
    prefill === null
      ? 'reading the prompt'
      : `${counted(tokens, 'token')} in ${counted(candidates.length, 'candidate')}, ${running} of them running`;
  return `after ${seconds(elapsedMs)}: ${what}`;
}

/** Choices for the whole request that difficulty did not make, servers that took over, and why no more candidates began. */
const choiceLabels: Readonly<Partial<Record<DecisionKind, string>>> = {
  contextLeftOut: 'left out',
  engineLacks: 'instead',
  hopelessByValue: 'stopped',
  modelRouted: 'routing',
  serverAway: 'server away',
  serverChosen: 'server',
  serverReplaced: 'server',
  settledByValue: 'stopped',
  strategyRemembered: 'memory',
};

function headLines(
  { started, prefill, difficulty, switched, decisions, status }: TraceState,
  options: ViewOptions,
): readonly string[] {
  const { columns, style } = options;
  if (started === null) return [style.dim('waiting for the engine')];
  const about = [
    modelText(started.model),
    candidatesText(started),
    `seed ${started.seed}`,
    prefill === null
      ? `${status.type === 'running' ? 'reading' : 'did not read'} ${counted(started.promptTokenCount, 'prompt token')}`
      : `${counted(prefill.tokenCount, 'prompt token')}, ${prefill.cachedTokenCount} cached`,
  ].join(' · ');
  const lines = [style.bold(fitLine(started.title, columns)), style.dim(fitLine(about, columns))];
  const writer = switched === null ? [] : [labelled('written by', writerText(switched), options)];
  const choices = decisions.flatMap(({ kind, candidateId, why }) => {
    // Each candidate may name the one of several servers that wrote it.
    const isOfCandidate = kind === 'serverChosen' && candidateId !== null;
    const label = isOfCandidate ? undefined : choiceLabels[kind];
    return label === undefined ? [] : [labelled(label, why, options)];
  });
  if (difficulty === null) return [...lines, ...choices, ...writer];
  const { difficulty: level, strategy, temperature, why } = difficulty;
  const text = `${level} → ${strategy} at temperature ${temperature}: ${why}`;
  return [...lines, labelled('difficulty', text, options), ...choices, ...writer];
}

/** The model that took over, and how much worse it was measured to be. */
function writerText({ model, quality }: NonNullable<TraceState['switched']>): string {
  if (quality === null) return `${model.name}: fast model, lossy, never measured`;
  const { greedyAgreement, perplexityRatio } = quality;
  const agreement = `${(100 * greedyAgreement).toFixed(0)} % of greedy tokens the same`;
  return `${model.name}: fast model, lossy (${agreement}, perplexity × ${perplexityRatio.toFixed(2)})`;
}

function modelText({ name, adapter, server }: NonNullable<TraceState['started']>['model']): string {
  if (server !== undefined) return `${name} at ${server}`;
  return adapter === undefined ? name : `${name} with ${adapter.name} × ${adapter.scale}`;
}

function candidatesText({ strategy, candidateCount }: NonNullable<TraceState['started']>): string {
  const text = counted(candidateCount, 'candidate');
  if (strategy === 'auto') return candidateCount > 1 ? `up to ${text}` : text;
  return takesParameter(strategy, 'stepChildren') ? `${text} at once` : text;
}

function candidateRows(state: TraceState, { columns, style }: ViewOptions): readonly string[] {
  const cap = state.budget === null ? 0 : tokenCap(state);
  const counts = state.candidates.map(({ tokenCount }) => `${tokenCount}/${cap}`);
  const countWidth = Math.max(0, ...counts.map((count) => count.length));
  const answers = state.candidates.map(({ answer }) => (answer === null ? '' : excerptWithRest(answer)));
  const longestAnswer = Math.max(0, ...answers.map(cellWidth));
  const answerWidth = Number.isFinite(columns) ? Math.min(16, longestAnswer) : longestAnswer;
  const numberWidth = String(state.candidates.length).length;
  const origins = state.candidates.map(({ parent, repairs }) => {
    if (repairs !== null) return `repairs ${repairs + 1}`;
    return parent === null ? '' : `from ${parent.candidateId + 1}`;
  });
  const originWidth = columns < originColumns ? 0 : Math.max(0, ...origins.map((origin) => origin.length));
  const fixed =
    numberWidth +
    (originWidth > 0 ? originWidth + gap.length : 0) +
    statusWidth +
    countWidth +
    (answerWidth > 0 ? answerWidth + gap.length : 0) +
    3 * gap.length;
  const sparkWidth = Number.isFinite(columns) ? Math.max(0, columns - fixed) : endlessSparkWidth;
  return state.candidates.map((candidate, index) => {
    const spark = sparkline(
      doubtNats(candidate.tokens).map((nats) => nats ?? 0),
      sparkWidth,
      style,
    );
    const padding = ' '.repeat(Math.max(0, sparkWidth - Math.min(candidate.tokenCount, sparkWidth)));
    const row = [
      // Identifiers count from 0, readers from 1, as in the panel.
      String(candidate.id + 1).padStart(numberWidth),
      ...(originWidth > 0 ? [style.dim((origins[index] ?? '').padEnd(originWidth))] : []),
      statusText(candidate.status, style),
      (counts[index] ?? '').padStart(countWidth),
      ...(sparkWidth > 0 ? [spark + padding] : []),
      ...(answerWidth > 0 ? [fitLine(answers[index] ?? '', answerWidth)] : []),
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

/** What thoughts would have answered on the way, a row a candidate. */
function trialLines({ candidates, trials }: TraceState, options: ViewOptions): readonly string[] {
  return candidates
    .map(({ id }) => ({ id, own: trials.filter(({ candidateId }) => candidateId === id) }))
    .filter(({ own }) => own.length > 0)
    .map(({ id, own }, index) => {
      const texts = own.map(
        ({ answer, confidence, atToken }) =>
          `${answer === null ? 'none' : excerptWithRest(answer)} at ${atToken} (${(100 * confidence).toFixed(0)} %)`,
      );
      return labelled(index === 0 ? 'trials' : '', `${id + 1} ${texts.join(' · ')}`, options);
    });
}

/** How likely each candidate is right: at its answer, or at its last line so far. */
function valueLines({ values }: TraceState, options: ViewOptions): readonly string[] {
  const texts = values.flatMap((read) => {
    const value = latestValue(read);
    return value === null ? [] : [`${read.candidateId + 1} ${(100 * value).toFixed(0)} %`];
  });
  return texts.length === 0 ? [] : [labelled('P(right)', texts.join(' · '), options)];
}

/** What a parser says of candidates' code, in one row. */
function parsingLines({ parsings }: TraceState, options: ViewOptions): readonly string[] {
  const texts = parsings.map(({ candidateId, errorCount, firstError }) => {
    if (firstError === null) return `${candidateId + 1} parses`;
    const { line, column } = firstError;
    return `${candidateId + 1} ${counted(errorCount, 'error')} from ${line}:${column}`;
  });
  return texts.length === 0 ? [] : [labelled('syntax', texts.join(' · '), options)];
}

/** A row for each test of a candidate's code, with the last line that the command wrote where it did not pass; then why not confined. */
function verificationLines({ verifications }: TraceState, options: ViewOptions): readonly string[] {
  const rows = verifications.map(
    ({ candidateId, command, outcome, output, durationMs, confinement }, index) => {
      const lastLine = outcome === 'passed' ? '' : (output.split('\n').at(-1) ?? '');
      const text = `${candidateId + 1} ${outcome} in ${seconds(durationMs)}, ${confinementWords(confinement).name}: ${lastLine === '' ? command : lastLine}`;
      return labelled(index === 0 ? 'tests' : '', text, options);
    },
  );
  const unconfined = verifications.find(({ confinement }) => (confinement?.kind ?? 'none') === 'none');
  if (unconfined === undefined) return rows;
  return [...rows, labelled('', confinementWords(unconfined.confinement).meaning, options)];
}

function voteLines(state: TraceState, options: ViewOptions): readonly string[] {
  const { vote, judgement } = state;
  if (vote === null) return [];
  const tallies = [...vote.tallies].sort((a, b) => b.weight - a.weight);
  const text = tallies
    .map(({ answer, candidateIds }) => `${excerptWithRest(answer)} ×${candidateIds.length}`)
    .join(' · ');
  return [
    // Votes for what did not pass would be read as what chose.
    ...(isProvenByTest(state)
      ? []
      : [labelled('vote', vote.selector === 'majority' ? text : `${text} by ${vote.selector}`, options)]),
    ...(judgement === null ? [] : [labelled('checklist', judgement.checklist.join(' · '), options)]),
    ...voteNotes(state).map(({ why }) => labelled('', why, options)),
  ];
}

/** Shown of every request; others only where tokens went there. */
const everyPurpose: readonly Purpose[] = ['prompt', 'thought', 'answer', 'discardedCandidate'];

function ledgerText(ledger: Ledger): string {
  const parts = purposes
    .filter((purpose) => everyPurpose.includes(purpose) || ledger.tokens[purpose] > 0)
    .map((purpose) => `${purposeWords[purpose].name.toLowerCase()} ${ledger.tokens[purpose]}`);
  return `${parts.join(' · ')} tokens`;
}

function speedText(ledger: Ledger, timing: RequestTiming): string {
  const parts = [`${counted(generatedTokenCount(ledger), 'token')} in ${seconds(ledger.durationMs)}`];
  if (timing.decodeTokensPerSecond !== null) parts.push(`${timing.decodeTokensPerSecond.toFixed(1)} tok/s`);
  if (timing.timeToFirstTokenMs !== null)
    parts.push(`first token after ${seconds(timing.timeToFirstTokenMs)}`);
  return parts.join(' · ');
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function labelled(label: string, text: string, { columns, style }: ViewOptions): string {
  const room = Math.max(1, columns - labelWidth - gap.length);
  return style.dim(label.padEnd(labelWidth)) + gap + fitLine(text, room);
}
