import type { ReliabilityBin } from './evaluation.ts';
import { plotStyle } from './plotStyle.ts';
import { coordinate, svgDocument, svgLine, svgText } from './svg.ts';

const size = 360;
const left = 56;
const right = size - 16;
const top = 40;
const bottom = size - 56;

/** How often the probe was right, by how sure it was: bars on the broken line would be a probe that is never too sure. Pure. */
export function plotReliability(bins: readonly ReliabilityBin[]): string {
  const x = (share: number): number => left + share * (right - left);
  const y = (share: number): number => bottom - share * (bottom - top);
  const width = coordinate((right - left) / Math.max(1, bins.length) - 4);
  const bars = bins
    .filter(({ count }) => count > 0)
    .flatMap(({ from, accuracy, count }) => {
      const [barX, barY] = [coordinate(x(from) + 2), coordinate(y(accuracy))];
      const bar = `<rect class="bar" x="${barX}" y="${barY}" width="${width}" height="${coordinate(bottom - y(accuracy))}"/>`;
      return [bar, svgText(x(from) + 2 + width / 2, y(accuracy) - 4, 'small middle', String(count))];
    });
  return svgDocument(
    { width: size, height: size, title: 'Accuracy of the probe by its confidence', style: plotStyle },
    [
      svgText(left, 20, 'title', 'share that was right'),
      svgLine('axis', { x: left, y: bottom }, { x: right, y: bottom }),
      svgLine('axis', { x: left, y: top }, { x: left, y: bottom }),
      svgLine('ideal', { x: x(0), y: y(0) }, { x: x(1), y: y(1) }),
      ...[0, 0.5, 1].map((share) => svgText(x(share), bottom + 20, 'small middle', String(share))),
      ...[0, 0.5, 1].map((share) => svgText(left - 8, y(share) + 4, 'small end', String(share))),
      svgText((left + right) / 2, size - 12, 'title middle', 'probability of the likeliest class'),
      ...bars,
    ],
  );
}
