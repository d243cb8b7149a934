import type { Health, ModelHealth } from '../../protocol/health.ts';
import { modelHealthText, questionsText } from '../../protocol/healthWords.ts';
import type { Finding, ServingRole } from '../../protocol/messages.ts';

/** What a running sidecar's models do, how they are and how fast: one finding a model. Pure. */
export function judgeRoles(
  health: Health,
  { questions, completions }: Readonly<Record<ServingRole, number | null>>,
): readonly Finding[] {
  if (health.completions === undefined)
    return [judgeQuestions('Questions and completions', health, completions ?? questions)];
  return [
    judgeQuestions('Questions', health, questions),
    judgeRole('Completions', health.completions, completions),
  ];
}

function judgeQuestions(subject: string, health: Health, tokensPerSecond: number | null): Finding {
  if (health.standIn === undefined) return judgeRole(subject, health, tokensPerSecond);
  const detail = `${questionsText(health, tokensPerSecond)} ${health.standIn.why}`;
  return {
    subject,
    status: 'degraded',
    detail,
    remedy: 'Start the server, or choose a model of this machine.',
  };
}

function judgeRole(subject: string, health: ModelHealth, tokensPerSecond: number | null): Finding {
  const detail = modelHealthText(health, tokensPerSecond);
  if ('error' in health) return { subject, status: 'missing', detail, remedy: health.error.remedy };
  const notes = health.state === 'ready' ? health.notes : [];
  return { subject, status: 'ok', detail: [detail, ...notes].join('. '), remedy: null };
}
