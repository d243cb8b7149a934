import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatDecimal, formatNatsWithin, formatPercent } from '../charts/numberFormat.ts';
import { visibleText, type TokenFacts } from '../charts/tokenFacts.ts';
import { placeTooltip } from '../charts/tooltipPlacement.ts';
import { sourceWords } from '../state/panelWords.ts';
import { Bar } from './Bar.tsx';

interface TokenTooltipProps {
  readonly id: string;
  readonly facts: TokenFacts;
  /** The token on the screen. */
  readonly anchor: Element;
}

/** What the model thought of at one token. Placed beside the token, inside the viewport. */
export function TokenTooltip({ id, facts, anchor }: TokenTooltipProps) {
  const tooltip = useRef<HTMLDivElement>(null);
  const [corner, setCorner] = useState<{ readonly left: number; readonly top: number } | null>(null);
  useLayoutEffect(() => {
    if (tooltip.current === null) return;
    const size = tooltip.current.getBoundingClientRect();
    const viewport = { width: document.documentElement.clientWidth, height: window.innerHeight };
    setCorner(placeTooltip(anchor.getClientRects()[0] ?? anchor.getBoundingClientRect(), size, viewport));
  }, [anchor, facts]);
  return (
    <div
      id={id}
      ref={tooltip}
      class="tooltip"
      role="tooltip"
      style={
        corner === null ? { visibility: 'hidden' } : { left: `${corner.left}px`, top: `${corner.top}px` }
      }
    >
      <div class="tooltip-title">
        <code>{visibleText(facts.text)}</code>
        <span class="muted">
          {facts.purpose} token {facts.index + 1}
        </span>
      </div>
      <dl class="facts">
        <dt>Probability</dt>
        <dd>{formatPercent(facts.probability)}</dd>
        <dt>Log-probability</dt>
        <dd>{formatDecimal(facts.logprob, 3)}</dd>
        <dt>Entropy</dt>
        <dd>
          {formatNatsWithin(facts.entropyNats, facts.entropyUpperNats)}
          <span class="muted"> ≈ {choicesWithin(facts)} choices</span>
        </dd>
        <dt>Varentropy</dt>
        <dd>{facts.varentropy.toFixed(2)} nats²</dd>
        <dt>Margin</dt>
        <dd>{formatPercent(facts.margin)}</dd>
        <dt>Source</dt>
        <dd>{sourceWords[facts.source]}</dd>
      </dl>
      {facts.alternatives.length === 0 ? null : (
        <ol class="alternatives" aria-label="Most likely tokens">
          {facts.alternatives.map((alternative, rank) => (
            <li key={rank} data-chosen={alternative.isChosen ? '' : undefined}>
              <code>{visibleText(alternative.text)}</code>
              <Bar share={alternative.probability} tone={alternative.isChosen ? 'chosen' : 'other'} />
              <span class="number">{formatPercent(alternative.probability)}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** As many equal choices as leave so much doubt; from and to, where a server gave bounds alone. */
function choicesWithin({ entropyNats, entropyUpperNats }: TokenFacts): string {
  const choices = (nats: number): string => Math.exp(nats).toFixed(1);
  return entropyUpperNats === null
    ? choices(entropyNats)
    : `${choices(entropyNats)} to ${choices(entropyUpperNats)}`;
}
