import { nounFor } from '../../protocol/counted.ts';
import type { ModelIdentity, RequestId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { strategyName } from '../../protocol/strategyTable.ts';
import { formatCount, formatDuration } from '../charts/numberFormat.ts';
import { Icon } from '../components/Icon.tsx';
import { RequestBadge } from '../components/RequestBadge.tsx';
import type { PanelHost } from '../state/panelHost.ts';
import { Controls } from './Controls.tsx';

interface HeaderProps {
  readonly requestId: RequestId;
  readonly trace: TraceState;
  readonly host: PanelHost;
}

/** The question, its model, its status, and what the user can do about it. */
export function Header({ requestId, trace, host }: HeaderProps) {
  const { started } = trace;
  return (
    <header class="header">
      <div class="header-bar">
        <RequestBadge status={trace.status} />
        {host.mode === 'live' ? (
          <div class="header-actions">
            <Controls requestId={requestId} isRunning={trace.status.type === 'running'} host={host} />
            <button
              type="button"
              class="button button-quiet"
              title="Write this trace to one HTML file that opens in any browser"
              onClick={() => {
                host.post({ type: 'trace/export', requestId });
              }}
            >
              <Icon name="export" />
              <span class="button-label">Export</span>
            </button>
          </div>
        ) : null}
      </div>
      <h1 class="title">{started?.title ?? 'Starting…'}</h1>
      {started === null ? null : <Meta started={started} trace={trace} />}
      <ServerAway decisions={trace.decisions} />
      <KeyFigures trace={trace} />
      {trace.status.type === 'failed' ? (
        <p class="failure" role="alert">
          <Icon name="warning" />
          <span>
            {trace.status.error.message} <strong>{trace.status.error.remedy}</strong>
          </span>
        </p>
      ) : null}
    </header>
  );
}

/** Says that a model of this machine answers, as the server is away. */
function ServerAway({ decisions }: Pick<TraceState, 'decisions'>) {
  const away = decisions.find(({ kind }) => kind === 'serverAway');
  if (away === undefined) return null;
  return (
    <p class="failure" role="status">
      <Icon name="warning" />
      <span>{away.why}</span>
    </p>
  );
}

interface MetaProps {
  readonly started: NonNullable<TraceState['started']>;
  readonly trace: TraceState;
}

function Meta({ started, trace }: MetaProps) {
  return (
    <dl class="meta">
      <div>
        <dt>Model</dt>
        <dd title={modelHash(started.model)}>{started.model.name}</dd>
      </div>
      <div>
        <dt>Runs on</dt>
        <dd>{started.model.server ?? 'this machine'}</dd>
      </div>
      {trace.switched === null ? null : (
        <div>
          <dt>Written by</dt>
          <dd title={trace.switched.why}>{fastModelOf(trace.switched)}</dd>
        </div>
      )}
      <div>
        <dt>Strategy</dt>
        <dd>{strategyOf(trace)}</dd>
      </div>
      <div>
        <dt>Sampler</dt>
        <dd>{samplerOf(trace)}</dd>
      </div>
      <div>
        <dt>Seed</dt>
        <dd class="number">{started.seed}</dd>
      </div>
    </dl>
  );
}

function modelHash({ hash, hashKind }: ModelIdentity): string {
  return `${hashWords[hashKind]}: ${hash}`;
}

const hashWords = {
  sha256: 'SHA-256',
  headAndSize: 'Hash of head and size',
  served: 'Hash of what the server says of it',
} as const;

function KeyFigures({ trace }: { readonly trace: TraceState }) {
  const { ledger, prefill, status } = trace;
  const timing = status.type === 'finished' ? status.timing : null;
  const elapsedMs = Math.max(ledger.durationMs, trace.lastTimeMs);
  const generated = Math.max(generatedTokenCount(ledger), tokensShown(trace));
  const figures: readonly (readonly [string, string, string])[] = [
    ['Generated', formatCount(generated), nounFor(generated, 'token')],
    ['Speed', timing?.decodeTokensPerSecond?.toFixed(1) ?? liveSpeed(trace), 'tok/s'],
    ['First token', firstToken(trace), ''],
    ['Elapsed', formatDuration(elapsedMs), ''],
    ['Prompt', prefill === null ? '–' : formatCount(prefill.tokenCount), cachedShare(trace)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, unit]) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd>
            {value} {unit === '' ? null : <small>{unit}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function tokensShown(trace: TraceState): number {
  return trace.candidates.reduce((sum, candidate) => sum + candidate.tokenCount, 0);
}

function firstToken(trace: TraceState): string {
  const ms = trace.status.type === 'finished' ? trace.status.timing.timeToFirstTokenMs : null;
  return ms === null ? '–' : formatDuration(ms);
}

/** Tokens shown so far over the time since the first candidate was opened. */
function liveSpeed(trace: TraceState): string {
  const openedAtMs = trace.candidates[0]?.openedAtMs;
  const seconds = openedAtMs === undefined ? 0 : (trace.lastTimeMs - openedAtMs) / 1000;
  return trace.status.type === 'running' && seconds > 0 ? (tokensShown(trace) / seconds).toFixed(1) : '–';
}

function cachedShare(trace: TraceState): string {
  const { prefill } = trace;
  if (prefill === null) return '';
  const noun = nounFor(prefill.tokenCount, 'token');
  return prefill.cachedTokenCount > 0 ? `${noun}, ${formatCount(prefill.cachedTokenCount)} cached` : noun;
}

function strategyOf(trace: TraceState): string {
  const asked = trace.started?.strategy ?? 'auto';
  const used = trace.difficulty?.strategy ?? asked;
  const count = trace.candidates.length;
  const name = [...new Set([asked, used])].map(strategyName).join(': ');
  return count > 1 ? `${name}, ${count} candidates` : name;
}

function samplerOf(trace: TraceState): string {
  // A repair is greedy, whatever the candidates before it are.
  const sampler =
    trace.candidates.findLast(({ repairs }) => repairs === null)?.sampler ?? trace.started?.sampler;
  if (sampler === undefined) return '–';
  if (sampler.temperature === 0) return 'greedy';
  return [
    `T ${trimmed(sampler.temperature)}`,
    sampler.topK > 0 ? `top-k ${sampler.topK}` : null,
    sampler.topP < 1 ? `top-p ${trimmed(sampler.topP)}` : null,
    sampler.minP > 0 ? `min-p ${trimmed(sampler.minP)}` : null,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** The model that took over, and how close it is to the whole one. */
function fastModelOf({ model, quality }: NonNullable<TraceState['switched']>): string {
  const measured =
    quality === null
      ? 'never measured'
      : `${Math.round(100 * quality.greedyAgreement)} % of greedy tokens the same`;
  return `${model.name}, fast and lossy (${measured})`;
}
