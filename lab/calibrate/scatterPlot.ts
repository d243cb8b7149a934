import { difficultyClasses } from '../../protocol/traceEvent.ts';
import type { LabelledQuestion } from './calibrateProbe.ts';
import type { LabelThresholds } from './difficultyLabels.ts';
import { plotStyle } from './plotStyle.ts';
import { coordinate, svgDocument, svgLine, svgText } from './svg.ts';

const width = 720;
const height = 420;
const left = 64;
const right = width - 24;
const top = 48;
const bottom = height - 56;
/** Points of equal share would lie on each other: they are spread by as much of the picture's width. */
const jitterShare = 0.03;

/**
 * Every question by how often its samples were right and how unsure they were, with the lines that part the classes:
 * where β comes from. Pure.
 */
export function plotScatter(questions: readonly LabelledQuestion[], thresholds: LabelThresholds): string {
  const { alpha, beta, gamma } = thresholds;
  const highest = Math.max(beta, ...questions.map(({ meanEntropyNats }) => meanEntropyNats)) * 1.05;
  const x = (share: number): number =>
    left + ((share + jitterShare) / (1 + 2 * jitterShare)) * (right - left);
  const y = (nats: number): number => bottom - (nats / highest) * (bottom - top);
  const points = questions.map(({ correctShare, meanEntropyNats, difficulty }, index) => {
    const spread = (((index * 7) % 11) / 10 - 0.5) * 2 * jitterShare;
    const [cx, cy] = [coordinate(x(correctShare + spread)), coordinate(y(meanEntropyNats))];
    return `<circle class="point ${difficulty}" cx="${cx}" cy="${cy}" r="3.5"/>`;
  });
  const solved = Math.max(left, x(alpha - jitterShare));
  return svgDocument(
    { width, height, title: 'Questions by share of right samples and mean entropy', style: plotStyle },
    [
      svgText(left, 20, 'title', 'mean entropy of a token, nats'),
      svgLine('axis', { x: left, y: bottom }, { x: right, y: bottom }),
      svgLine('axis', { x: left, y: top }, { x: left, y: bottom }),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
        svgText(x(share), bottom + 20, 'small middle', String(share)),
      ),
      ...[0, highest / 2, highest].map((nats) =>
        svgText(left - 8, y(nats) + 4, 'small end', nats.toFixed(2)),
      ),
      svgText((left + right) / 2, height - 12, 'title middle', 'share of right samples'),
      svgLine('threshold', { x: x(gamma), y: top }, { x: x(gamma), y: bottom }),
      svgLine('threshold', { x: x(alpha), y: top }, { x: x(alpha), y: bottom }),
      svgLine('threshold', { x: solved, y: y(beta) }, { x: right, y: y(beta) }),
      svgText(x(gamma) - 4, top - 6, 'small end', `γ ${Number(gamma.toFixed(3))}`),
      svgText(x(alpha) - 4, top - 6, 'small end', `α ${Number(alpha.toFixed(3))}`),
      svgText(right, y(beta) - 6, 'small end', `β ${beta.toFixed(3)}`),
      ...points,
      ...difficultyClasses.flatMap((name, index) => legend(name, right - 230 + index * 80)),
    ],
  );
}

function legend(name: string, x: number): readonly string[] {
  return [`<circle class="${name}" cx="${x}" cy="16" r="5"/>`, svgText(x + 10, 20, 'small', name)];
}
