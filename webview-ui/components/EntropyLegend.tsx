import { entropyLevelCount } from '../charts/entropyScale.ts';

/** The entropy scale: from certain to a choice among ten or more. */
export function EntropyLegend() {
  return (
    <span class="entropy-legend" title="Entropy of the model's choice at each token, as effective choices">
      <span>sure</span>
      <span class="entropy-legend-scale" aria-hidden="true">
        {Array.from({ length: entropyLevelCount }, (_, level) => (
          <i key={level} class={`entropy-${level}`} />
        ))}
      </span>
      <span>10+ choices</span>
    </span>
  );
}
