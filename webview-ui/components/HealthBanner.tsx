import { assertNever } from '../../protocol/assertNever.ts';
import { type Health, standInText } from '../../protocol/health.ts';
import { Icon } from './Icon.tsx';

/** Says what keeps the engine from answering. Shows nothing while it is ready, apart from notes. */
export function HealthBanner({ health }: { readonly health: Health | null }) {
  const lines = health === null ? [] : healthLines(health);
  if (lines.length === 0) return null;
  const isBad = health !== null && 'error' in health && health.standIn === undefined;
  return (
    <div class={`banner ${isBad ? 'banner-bad' : 'banner-calm'}`} role={isBad ? 'alert' : 'status'}>
      <Icon name={isBad ? 'warning' : 'ring'} />
      <div>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </div>
  );
}

function healthLines(health: Health): readonly string[] {
  if (health.standIn !== undefined) return [standInText(health.standIn)];
  switch (health.state) {
    case 'starting':
      return ['The engine is starting.'];
    case 'loading':
      return [`Loading ${health.modelName}.`];
    case 'noModel':
    case 'failed':
      return [health.error.message, health.error.remedy];
    case 'unloaded':
      return [];
    case 'ready':
      return health.notes;
    default:
      return assertNever(health);
  }
}
