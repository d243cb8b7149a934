import { assertNever } from '../../protocol/assertNever.ts';
import type { RequestStatus } from '../../protocol/traceState.ts';
import { stopReasonWords } from '../../protocol/traceWords.ts';
import { Icon, type IconName } from './Icon.tsx';

interface Badge {
  readonly tone: string;
  readonly icon: IconName;
  readonly name: string;
  readonly meaning: string;
}

/** Status of the request, announced to screen readers when it changes. */
export function RequestBadge({ status }: { readonly status: RequestStatus }) {
  const badge = badgeOf(status);
  return (
    <span class={`badge badge-${badge.tone}`} role="status" title={badge.meaning}>
      <Icon name={badge.icon} />
      {badge.name}
    </span>
  );
}

function badgeOf(status: RequestStatus): Badge {
  switch (status.type) {
    case 'waiting':
      return { tone: 'running', icon: 'ring', name: 'Starting', meaning: 'The request has not begun yet.' };
    case 'running':
      return { tone: 'running', icon: 'ring', name: 'Running', meaning: 'The model is at work.' };
    case 'finished': {
      const tone = status.reason === 'answered' ? 'good' : 'warning';
      const icon = status.reason === 'answered' ? 'check' : 'stop';
      return { tone, icon, ...stopReasonWords[status.reason] };
    }
    case 'failed':
      return { tone: 'bad', icon: 'warning', name: 'Failed', meaning: status.error.message };
    default:
      return assertNever(status);
  }
}
