import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { CandidateState, TraceState } from '../../protocol/traceState.ts';
import { laneStarts, traceTokenAxis } from '../charts/candidateLanes.ts';
import { entropySeries, runningMeanTokens } from '../charts/entropySeries.ts';
import { formatCount, formatNatsWithin } from '../charts/numberFormat.ts';
import type { Palette } from '../charts/palette.ts';
import { chartGutterPx } from '../charts/tokenAxis.ts';
import { upperBoundAt, visibleText } from '../charts/tokenFacts.ts';
import { EntropyTable } from '../components/EntropyTable.tsx';
import { Section } from '../components/Section.tsx';
import { useElementWidth } from '../components/useElementWidth.ts';
import { usePalette } from '../components/usePalette.ts';
import { useTokenFocus } from '../components/useTokenFocus.ts';
import type { TokenFocus } from '../state/tokenFocus.ts';

const chartHeightPx = 168;
/** Half the width of a long label on the token axis. */
const edgeLabelPx = 16;

interface EntropyChartProps {
  readonly trace: TraceState;
  readonly shown: CandidateState;
  readonly focus: TokenFocus;
}

/** Entropy over the token axis: the shown candidate token by token, all candidates as running means. */
export function EntropyChart({ trace, shown, focus }: EntropyChartProps) {
  const { candidates } = trace;
  const holder = useRef<HTMLDivElement>(null);
  const focused = useTokenFocus(focus);
  const own = focused?.candidateId === shown.id ? focused.tokenIndex : null;
  const chart = useChart(holder, { trace, shown, focus });
  const start = laneStarts(candidates).get(shown.id) ?? 0;
  useEffect(() => {
    const plot = chart.current;
    if (plot === null || focused?.by === 'chart') return;
    const left = own === null ? -10 : plot.valToPos(start + own, 'x');
    plot.setCursor({ left, top: own === null ? -10 : plot.over.clientHeight / 2 }, false);
  }, [focused, start, shown.id]);

  const nats = own === null ? undefined : shown.tokens.entropyNats[own];
  return (
    <Section
      title="Entropy"
      name="entropy"
      aside={
        own !== null && nats !== undefined ? (
          <span class="readout">
            token {own + 1} <code>{visibleText(shown.tokens.texts[own] ?? '')}</code>{' '}
            {formatNatsWithin(nats, upperBoundAt(shown.tokens, own))}
          </span>
        ) : (
          <ChartLegend shown={shown} hasOthers={candidates.length > 1} />
        )
      }
    >
      <div class="chart" ref={holder} style={{ minHeight: `${chartHeightPx}px` }} aria-hidden="true" />
      <EntropyTable candidates={candidates} />
    </Section>
  );
}

/** The chart in its holder, null while there is none; made anew where its series, size or colours change. */
function useChart(
  holder: RefObject<HTMLDivElement | null>,
  { trace, shown, focus }: EntropyChartProps,
): { readonly current: uPlot | null } {
  const { candidates } = trace;
  const chart = useRef<uPlot | null>(null);
  const palette = usePalette();
  const widthPx = useElementWidth(holder);
  const start = laneStarts(candidates).get(shown.id) ?? 0;
  const isBounded = shown.tokens.entropyUpperNats !== undefined;
  const data = useMemo(() => toChartData(candidates, shown), [candidates, shown]);
  const { endToken } = traceTokenAxis(trace, widthPx);
  const latest = useRef({ start, shown, endToken });
  latest.current = { start, shown, endToken };

  useLayoutEffect(() => {
    if (holder.current === null || widthPx === 0) return undefined;
    const options = chartOptions({
      palette,
      widthPx,
      candidateIds: candidates.map((candidate) => candidate.id),
      shownId: shown.id,
      isBounded,
      endToken: () => latest.current.endToken,
      onHover: (position) => {
        const { start: first, shown: current } = latest.current;
        const tokenIndex = position === null ? -1 : position - first;
        if (tokenIndex >= 0 && tokenIndex < current.tokenCount) {
          focus.set({ candidateId: current.id, tokenIndex, by: 'chart' });
        } else if (focus.focused?.by === 'chart') focus.set(null);
      },
    });
    const created = new uPlot(options, data, holder.current);
    chart.current = created;
    return () => {
      created.destroy();
      chart.current = null;
    };
  }, [palette, widthPx, candidates.length, shown.id, isBounded, focus]);
  useEffect(() => {
    chart.current?.setData(data);
  }, [data]);
  return chart;
}

function ChartLegend({ shown, hasOthers }: { readonly shown: CandidateState; readonly hasOthers: boolean }) {
  return (
    <ul class="legend">
      <li>
        <i class="swatch swatch-raw" aria-hidden="true" />
        each token of #{shown.id + 1}
        {shown.tokens.entropyUpperNats === undefined ? null : ', from its lower bound to its upper one'}
      </li>
      <li>
        <i class="swatch swatch-mean" aria-hidden="true" />
        mean of {runningMeanTokens}
      </li>
      {hasOthers ? (
        <li>
          <i class="swatch swatch-others" aria-hidden="true" />
          other candidates
        </li>
      ) : null}
    </ul>
  );
}

function toChartData(candidates: readonly CandidateState[], shown: CandidateState): uPlot.AlignedData {
  const { positions, means, raw, rawUpper } = entropySeries(candidates, shown);
  // uPlot reads its columns and never writes to them; its types only know mutable arrays.
  return [
    [...positions],
    [...raw],
    ...(rawUpper === null ? [] : [[...rawUpper]]),
    ...means.map((mean) => [...mean]),
  ];
}

interface ChartOptionsInput {
  readonly palette: Palette;
  readonly widthPx: number;
  readonly candidateIds: readonly number[];
  readonly shownId: number;
  /** Whether the shown candidate's entropies are intervals. */
  readonly isBounded: boolean;
  /** Right edge of the token axis, asked for whenever the data change. */
  readonly endToken: () => number;
  readonly onHover: (position: number | null) => void;
}

function chartOptions(input: ChartOptionsInput): uPlot.Options {
  const { palette, widthPx, candidateIds, shownId, isBounded, endToken, onHover } = input;
  const axis = (size: number): uPlot.Axis => ({
    stroke: palette.muted,
    font: `11px ${palette.fontFamily}`,
    gap: 4,
    size,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
  });
  const steps: uPlot.Series = {
    points: { show: false },
    ...(uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
  };
  return {
    width: widthPx,
    height: chartHeightPx,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: () => [0, endToken()] },
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] },
    },
    axes: [
      { ...axis(20), values: (plot, splits) => tokenLabels(plot.width, splits, endToken()) },
      { ...axis(chartGutterPx), values: (_, splits) => splits.map((nats) => `${nats} nats`) },
    ],
    series: [
      {},
      { ...steps, fill: palette.accentArea, width: 0 },
      ...(isBounded ? [{ ...steps, stroke: palette.accent, width: 1, alpha: 0.6 }] : []),
      ...candidateIds.map((id): uPlot.Series => {
        const isShown = id === shownId;
        return {
          stroke: isShown ? palette.accent : palette.muted,
          width: isShown ? 2.25 : 1,
          alpha: isShown ? 1 : 0.45,
          points: { show: false },
        };
      }),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const left = plot.cursor.left ?? -1;
          onHover(left < 0 ? null : (plot.cursor.idx ?? null));
        },
      ],
    },
  };
}

/** None between two tokens, nor so close to the right edge that the label, centred on its place, would be cut off. */
function tokenLabels(chartWidthPx: number, tokens: readonly number[], endToken: number): string[] {
  const pxPerToken = (chartWidthPx - chartGutterPx) / Math.max(1, endToken);
  return tokens.map((token) => {
    const hasRoom = (endToken - token) * pxPerToken >= edgeLabelPx;
    return hasRoom && Number.isInteger(token) ? formatCount(token) : '';
  });
}
