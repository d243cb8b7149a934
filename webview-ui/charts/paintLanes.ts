import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { CandidateStatus } from '../../protocol/traceState.ts';
import type { Palette } from './palette.ts';
import type { Lane, LaneMark, LanesLayout } from './candidateLanes.ts';

const lanePaddingPx = 5;
const shortestBarPx = 2;
const valueDotPx = 2.5;
const valueRimPx = 4;
/** Opacity of what lies between the bounds of an entropy, beside that of the lower one. */
const paleShare = 0.35;
/** Candidates out of the running step back, unless theirs are the tokens shown. */
const fadedStatuses: ReadonlySet<CandidateStatus> = new Set(['lost', 'pruned', 'truncated', 'stopped']);

/** Draws a layout, deciding nothing. Resizes the canvas to the layout at the screen's pixel ratio. */
export function paintLanes(
  canvas: HTMLCanvasElement,
  layout: LanesLayout,
  options: { readonly palette: Palette; readonly shownId: CandidateId | null; readonly pixelRatio: number },
): void {
  const { palette, shownId, pixelRatio } = options;
  const width = Math.max(1, Math.round(layout.widthPx * pixelRatio));
  const height = Math.max(1, Math.round(layout.heightPx * pixelRatio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, layout.widthPx, layout.heightPx);
  paintGrid(context, layout, palette);
  for (const lane of layout.lanes) {
    const isFaded = lane.candidateId !== shownId && fadedStatuses.has(lane.status);
    paintLane(context, lane, palette, isFaded ? 0.5 : 1);
  }
  paintForks(context, layout, palette);
  paintBudgetMark(context, layout, palette);
  for (const lane of layout.lanes) for (const mark of lane.marks) paintMark(context, lane, mark, palette);
}

function paintGrid(context: CanvasRenderingContext2D, layout: LanesLayout, palette: Palette): void {
  context.fillStyle = palette.grid;
  for (const tick of layout.ticks) context.fillRect(Math.round(tick.x), 0, 1, layout.heightPx);
}

function paintLane(context: CanvasRenderingContext2D, lane: Lane, palette: Palette, alpha: number): void {
  const top = lane.top + lanePaddingPx;
  const height = lane.heightPx - 2 * lanePaddingPx;
  context.globalAlpha = alpha;
  for (const box of lane.boxes) {
    context.fillStyle = box.purpose === 'thought' ? palette.thought : palette.answer;
    context.fillRect(box.x, top, Math.max(1, box.widthPx), height);
  }
  for (const bar of lane.bars) {
    const barHeight = Math.max(shortestBarPx, bar.height * height);
    const gap = bar.widthPx >= 4 ? 1 : 0;
    context.fillStyle = palette.entropy[bar.level] ?? palette.foreground;
    const barWidth = Math.max(1, bar.widthPx - gap);
    context.fillRect(bar.x, top + height - barHeight, barWidth, barHeight);
    if (bar.upperHeight === null) continue;
    // The entropy lies somewhere in the pale part.
    const upperHeight = Math.max(barHeight, bar.upperHeight * height);
    context.globalAlpha = alpha * paleShare;
    context.fillRect(bar.x, top + height - upperHeight, barWidth, upperHeight - barHeight);
    context.globalAlpha = alpha;
  }
  paintValues(context, lane, palette);
  context.globalAlpha = 1;
}

/** A line from one value to the next, from the bottom of the lane (0) to its top (1), with a dot at the last one. */
function paintValues(context: CanvasRenderingContext2D, lane: Lane, palette: Palette): void {
  const last = lane.values.at(-1);
  if (last === undefined) return;
  const top = lane.top + lanePaddingPx;
  const height = lane.heightPx - 2 * lanePaddingPx;
  const yOf = (value: number): number => top + (1 - value) * height;
  context.beginPath();
  for (const { x, value } of lane.values) context.lineTo(x, yOf(value));
  // A rim sets it off from bars of any colour.
  context.strokeStyle = palette.surface;
  context.lineWidth = valueRimPx;
  context.stroke();
  context.strokeStyle = palette.foreground;
  context.lineWidth = 1.5;
  context.stroke();
  context.fillStyle = palette.foreground;
  context.beginPath();
  context.arc(last.x, yOf(last.value), valueDotPx, 0, 2 * Math.PI);
  context.fill();
}

function paintForks(context: CanvasRenderingContext2D, layout: LanesLayout, palette: Palette): void {
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.5;
  for (const fork of layout.forks) {
    context.beginPath();
    context.moveTo(fork.x, fork.fromY);
    context.bezierCurveTo(fork.x - 10, fork.fromY, fork.x - 10, fork.toY, fork.x, fork.toY);
    context.stroke();
  }
}

function paintBudgetMark(context: CanvasRenderingContext2D, layout: LanesLayout, palette: Palette): void {
  if (layout.budgetX === null) return;
  context.strokeStyle = palette.budget;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(Math.round(layout.budgetX) + 0.5, 0);
  context.lineTo(Math.round(layout.budgetX) + 0.5, layout.heightPx);
  context.stroke();
  context.setLineDash([]);
}

function paintMark(context: CanvasRenderingContext2D, lane: Lane, mark: LaneMark, palette: Palette): void {
  const top = lane.top + lanePaddingPx;
  const bottom = lane.top + lane.heightPx - lanePaddingPx;
  context.fillStyle = palette.mark;
  if (mark.type === 'cue') {
    for (let y = top; y < bottom; y += 4) context.fillRect(Math.round(mark.x), y, 1, 2);
    return;
  }
  context.strokeStyle = palette.surface;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(mark.x, top - 3);
  context.lineTo(mark.x + 4.5, top + 1.5);
  context.lineTo(mark.x, top + 6);
  context.lineTo(mark.x - 4.5, top + 1.5);
  context.closePath();
  context.stroke();
  context.fill();
}
