import type { CandidateStatus } from '../../protocol/traceState.ts';
import { statusWords } from '../state/panelWords.ts';
import { Icon, type IconName } from './Icon.tsx';

const icons: Readonly<Record<CandidateStatus, IconName>> = {
  running: 'ring',
  won: 'check',
  lost: 'dash',
  finished: 'dot',
  pruned: 'prune',
  truncated: 'truncate',
  stopped: 'stop',
};

/** A candidate's state as icon, word and colour. */
export function StatusBadge({ status }: { readonly status: CandidateStatus }) {
  return (
    <span class={`status status-${status}`} title={statusWords[status].meaning}>
      <Icon name={icons[status]} />
      {statusWords[status].name}
    </span>
  );
}
