import { type Budget, generatedTokenCount, type Ledger, purposes } from '../../../protocol/budget.ts';
import type { ChosenParameters, Confinement, TraceEvent } from '../../../protocol/traceEvent.ts';
import { type CandidateState, candidateText, type TraceState } from '../../../protocol/traceState.ts';

/** A trace state as text for golden files: everything a view could show, one fact a line, nothing left to chance. */
export function renderTrace(state: TraceState, events: readonly TraceEvent[]): string {
  const { started, difficulty, parsings, verifications, judgement, vote, selected } = state;
  return [
    `status: ${renderStatus(state)}`,
    `strategy: ${started?.strategy ?? '-'}, candidates ${started?.candidateCount ?? 0}, seed ${started?.seed ?? '-'}`,
    ...(started?.model.adapter === undefined
      ? []
      : [`adapter: ${started.model.adapter.name}, scale ${started.model.adapter.scale}`]),
    `prompt: ${state.prefill?.tokenCount ?? 0} tokens, ${state.prefill?.cachedTokenCount ?? 0} cached`,
    ...(difficulty === null
      ? []
      : [
          `difficulty: ${difficulty.difficulty} by ${difficulty.source} → ${difficulty.strategy}${renderParameters(difficulty.parameters)}. ${difficulty.why}`,
        ]),
    `budget: ${state.budget === null ? '-' : renderBudget(state.budget)}`,
    ...state.candidates.flatMap(renderCandidate),
    ...state.decisions.map(
      ({ kind, candidateId, atToken, why }) =>
        `decision: ${kind}, candidate ${candidateId ?? '-'} at ${atToken ?? '-'}: ${why}`,
    ),
    ...state.trials.map(
      ({ candidateId, atToken, answer, confidence, tokenCount }) =>
        `trial: candidate ${candidateId} at ${atToken}: ${answer ?? '-'}, confidence ${confidence.toFixed(3)} (${tokenCount} tokens)`,
    ),
    ...parsings.map(
      ({ candidateId, languageId, errorCount, firstError }) =>
        `parsing: candidate ${candidateId} as ${languageId}: ${errorCount} errors${firstError === null ? '' : `, first at ${firstError.line}:${firstError.column}`}`,
    ),
    ...verifications.map(
      ({ candidateId, command, outcome, exitCode, output, confinement }) =>
        `verification: candidate ${candidateId} by "${command}" (${confinementText(confinement)}): ${outcome}, exit code ${exitCode ?? '-'}, ${JSON.stringify(output)}`,
    ),
    ...(judgement === null
      ? []
      : [`judgement: ${judgement.checklist.join('; ')} (${judgement.tokenCount} tokens)`]),
    ...(vote?.tallies ?? []).map(
      ({ answer, candidateIds, weight }) => `vote: ${answer} by ${candidateIds.join(' ')}, weight ${weight}`,
    ),
    `selected: ${selected === null ? '-' : `candidate ${selected.candidateId}, answer ${selected.answer ?? '-'}`}`,
    `ledger: ${renderLedger(state.ledger)}`,
    `order: ${renderOrder(events)}`,
    '',
  ].join('\n');
}

function renderParameters(parameters: ChosenParameters | undefined): string {
  if (parameters === undefined) return '';
  const { candidates, selector, stepSearch } = parameters;
  const bounds =
    stepSearch === null ? '' : `, ${stepSearch.stepChildren} children, ${stepSearch.maxSteps} steps`;
  return ` (${candidates} candidates, selector ${selector ?? '-'}${bounds})`;
}

function renderStatus({ status }: TraceState): string {
  switch (status.type) {
    case 'finished': {
      const { timeToFirstTokenMs, decodeTokensPerSecond } = status.timing;
      return `finished, ${status.reason}, first token ${timeToFirstTokenMs ?? '-'} ms, ${decodeTokensPerSecond?.toFixed(1) ?? '-'} tokens/s`;
    }
    case 'failed':
      return `failed, ${status.error.code}`;
    case 'waiting':
    case 'running':
      return status.type;
  }
}

function renderBudget(budget: Budget): string {
  const { thoughtTokensPerCandidate, answerTokensPerCandidate, generatedTokens, durationMs } = budget;
  return `thought ${thoughtTokensPerCandidate}, answer ${answerTokensPerCandidate}, all ${generatedTokens ?? '-'}, ${durationMs ?? '-'} ms`;
}

function renderCandidate(candidate: CandidateState): readonly string[] {
  const { id, parent, repairs, status, end, answer, sampler, tokenCount, segments, openedAtMs, closedAtMs } =
    candidate;
  const continued = parent === null ? '' : `, continues ${parent.candidateId} after ${parent.tokenCount}`;
  const origin = repairs === null ? continued : `, repairs ${repairs}`;
  const shape = segments.map((segment) =>
    segment.type === 'cue' ? `cue@${segment.at}` : `${segment.purpose} ${segment.from}-${segment.to}`,
  );
  return [
    `candidate ${id}: ${status}, ended ${end ?? '-'}, answer ${answer ?? '-'}, temperature ${sampler.temperature}, ` +
      `${tokenCount} tokens, ${openedAtMs}-${closedAtMs ?? '-'} ms${origin}`,
    `  ${shape.join(', ')}`,
    `  ${JSON.stringify(candidateText(candidate))}`,
  ];
}

function renderLedger(ledger: Ledger): string {
  const { tokens } = ledger;
  // Few traces have trials; the rest read the same without a column of noughts.
  const shown = purposes.filter((purpose) => purpose !== 'trialAnswer' || tokens.trialAnswer > 0);
  const parts = shown.map((purpose) => `${purpose} ${tokens[purpose]}`);
  return `${parts.join(', ')}; generated ${generatedTokenCount(ledger)} in ${ledger.durationMs} ms`;
}

/** Events in short, runs of the same candidate's tokens counted: shows how candidates interleave. */
function renderOrder(events: readonly TraceEvent[]): string {
  return events
    .map((event) => {
      if (event.type === 'tokens/appended') return `t${event.candidateId}x${event.tokens.ids.length}`;
      const subject = 'candidateId' in event ? (event.candidateId ?? '') : '';
      return `${event.type}${subject}`;
    })
    .join(' ');
}

function confinementText(confinement: Confinement | undefined): string {
  if (confinement === undefined) return 'confinement not known';
  return confinement.kind === 'none' ? `not confined: ${confinement.why}` : `confined by ${confinement.kind}`;
}
