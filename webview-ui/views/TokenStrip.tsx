import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CandidateState } from '../../protocol/traceState.ts';
import { entropyLevel } from '../charts/entropyScale.ts';
import { formatNatsWithin, formatPercent, formatTokens } from '../charts/numberFormat.ts';
import { layoutStrip, type StripLayout, type StripLine } from '../charts/stripLayout.ts';
import { type StripWindow, stripWindow } from '../charts/stripWindow.ts';
import { tokenFacts, upperBoundAt, visibleText } from '../charts/tokenFacts.ts';
import { EntropyLegend } from '../components/EntropyLegend.tsx';
import { Section } from '../components/Section.tsx';
import { TokenTooltip } from '../components/TokenTooltip.tsx';
import { useElementWidth } from '../components/useElementWidth.ts';
import { useTokenFocus } from '../components/useTokenFocus.ts';
import type { FocusedToken, TokenFocus } from '../state/tokenFocus.ts';
import { statusWords } from '../state/panelWords.ts';

const lineHeightPx = 24;
const tooltipId = 'token-tooltip';

interface TokenStripProps {
  readonly candidate: CandidateState;
  readonly focus: TokenFocus;
}

/**
 * The candidate's text, token by token, coloured and underlined by entropy. A list box that arrow keys walk
 * through; only the lines in view are in the document.
 */
export function TokenStrip({ candidate, focus }: TokenStripProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const widthPx = useElementWidth(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const focused = ownFocus(useTokenFocus(focus), candidate);

  const charWidthPx = (probe.current?.getBoundingClientRect().width ?? 0) / probeText.length;
  const columns = charWidthPx > 0 ? Math.floor((widthPx - 2 * paddingPx) / charWidthPx) : 80;
  const layout = useMemo(
    () => layoutStrip(candidate, columns),
    [candidate.tokens, candidate.segments, columns],
  );
  const viewHeightPx = scroller.current?.clientHeight ?? 0;
  const shown = stripWindow({ scrollTop, viewHeightPx, lineHeightPx, lineCount: layout.lines.length });

  useFollowTail(scroller, candidate, layout.lines.length);
  useFocusInView(scroller, focused, layout);
  const anchor = useAnchor(scroller, focused, { shown, layout });
  const handlers = useStripFocus(scroller, { candidate, focus, focused, lineOfToken: layout.lineOfToken });
  const facts = focused === null ? null : tokenFacts(candidate, focused.tokenIndex);

  return (
    <Section title={`Tokens of candidate ${candidate.id + 1}`} name="strip" aside={<EntropyLegend />}>
      <div
        class="strip"
        style={{ '--strip-line': `${lineHeightPx}px`, '--strip-padding': `${paddingPx}px` }}
        ref={scroller}
        role="listbox"
        tabIndex={0}
        aria-orientation="horizontal"
        aria-label={`Tokens of candidate ${candidate.id + 1}, ${statusWords[candidate.status].name}, ${formatTokens(candidate.tokenCount)}. Arrow keys move from token to token.`}
        aria-activedescendant={anchor?.id}
        {...handlers}
        onScroll={(event) => {
          setScrollTop(event.currentTarget.scrollTop);
        }}
      >
        <span class="strip-probe" ref={probe} aria-hidden="true">
          {probeText}
        </span>
        <div class="strip-lines" style={{ height: `${layout.lines.length * lineHeightPx}px` }}>
          <LineWindow
            candidate={candidate}
            layout={layout}
            shown={shown}
            focusedIndex={focused?.tokenIndex ?? null}
          />
        </div>
      </div>
      {facts === null || anchor === null ? null : (
        <TokenTooltip id={tooltipId} facts={facts} anchor={anchor} />
      )}
    </Section>
  );
}

interface LineWindowProps {
  readonly candidate: CandidateState;
  readonly layout: StripLayout;
  readonly shown: StripWindow;
  readonly focusedIndex: number | null;
}

/** The lines in view, at their place among all. */
function LineWindow({ candidate, layout, shown, focusedIndex }: LineWindowProps) {
  return (
    <div class="strip-window" style={{ transform: `translateY(${shown.first * lineHeightPx}px)` }}>
      {layout.lines.slice(shown.first, shown.end).map((line, index) => (
        <Line
          key={shown.first + index}
          line={line}
          number={shown.first + index}
          candidate={candidate}
          lineOfToken={layout.lineOfToken}
          focusedIndex={focusedIndex}
        />
      ))}
    </div>
  );
}

interface LineProps {
  readonly line: StripLine;
  readonly number: number;
  readonly candidate: CandidateState;
  readonly lineOfToken: readonly number[];
  readonly focusedIndex: number | null;
}

function Line({ line, number, candidate, lineOfToken, focusedIndex }: LineProps) {
  const { tokens } = candidate;
  const hasFocus = focusedIndex !== null && line.some((piece) => piece.tokenIndex === focusedIndex);
  return useMemo(
    () => (
      <div class="strip-line" role="presentation">
        {line.map((piece, position) => {
          const index = piece.tokenIndex;
          if (index === null) {
            return (
              <span
                key={position}
                class="cue"
                role="presentation"
                title="Put in by the strategy, not generated"
              >
                {piece.text}
              </span>
            );
          }
          const isFirstPart = lineOfToken[index] === number && line[position - 1]?.tokenIndex !== index;
          const isRequired = tokens.sources[index] === 'required';
          const level = entropyLevel(isRequired ? 0 : (tokens.entropyNats[index] ?? 0));
          const name = `${visibleText(tokens.texts[index] ?? '')}, entropy ${formatNatsWithin(tokens.entropyNats[index] ?? 0, upperBoundAt(tokens, index))}, probability ${formatPercent(Math.exp(tokens.logprobs[index] ?? 0))}`;
          return (
            <span
              key={position}
              id={isFirstPart ? tokenId(index) : undefined}
              class={`token token-${piece.purpose} entropy-${level}`}
              role={isFirstPart ? 'option' : 'presentation'}
              aria-label={isFirstPart ? name : undefined}
              aria-selected={isFirstPart ? index === focusedIndex : undefined}
              aria-describedby={isFirstPart && index === focusedIndex ? tooltipId : undefined}
              aria-posinset={isFirstPart ? index + 1 : undefined}
              aria-setsize={isFirstPart ? tokens.ids.length : undefined}
              data-token={index}
              data-focused={index === focusedIndex ? '' : undefined}
              data-source={isRequired || tokens.sources[index] === 'model' ? undefined : 'draft'}
            >
              {piece.text}
            </span>
          );
        })}
      </div>
    ),
    // A line's tokens never change once laid out; only the last line grows, and then it is a new array.
    [line, lineOfToken, hasFocus ? focusedIndex : null],
  );
}

const paddingPx = 12;
const probeText = 'M'.repeat(40);

interface StripFocus {
  readonly candidate: CandidateState;
  readonly focus: TokenFocus;
  /** The focused token, if it is the candidate's. */
  readonly focused: FocusedToken | null;
  readonly lineOfToken: readonly number[];
}

/** Moves the focus with keys and pointer. Returns the handlers of the list box. */
function useStripFocus(
  scroller: { readonly current: HTMLDivElement | null },
  { candidate, focus, focused, lineOfToken }: StripFocus,
) {
  /** The token that the keyboard was on, to come back to when the pointer leaves. */
  const keyboardToken = useRef<number | null>(null);
  const moveTo = (tokenIndex: number): void => {
    keyboardToken.current = tokenIndex;
    focus.set({ candidateId: candidate.id, tokenIndex, by: 'keyboard' });
  };
  const dropPointer = (): void => {
    if (focus.focused?.by !== 'pointer') return;
    const hasKeyboard = document.activeElement === scroller.current && keyboardToken.current !== null;
    if (hasKeyboard) moveTo(keyboardToken.current ?? 0);
    else focus.set(null);
  };
  return {
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key === 'Escape') {
        focus.set(null);
        return;
      }
      const target = tokenForKey(event.key, focused?.tokenIndex ?? null, lineOfToken);
      if (target === null) return;
      event.preventDefault();
      moveTo(target);
    },
    onPointerMove: (event: PointerEvent): void => {
      const tokenIndex = tokenIndexOf(event.target);
      if (tokenIndex !== null) focus.set({ candidateId: candidate.id, tokenIndex, by: 'pointer' });
      else dropPointer();
    },
    onPointerLeave: dropPointer,
    onClick: (event: MouseEvent): void => {
      const tokenIndex = tokenIndexOf(event.target);
      if (tokenIndex !== null) moveTo(tokenIndex);
    },
    onFocus: (): void => {
      if (focus.focused === null && candidate.tokenCount > 0) moveTo(keyboardToken.current ?? 0);
    },
    onBlur: (): void => {
      if (focus.focused?.by === 'keyboard') focus.set(null);
    },
  };
}

/** Scrolls to a token that the keyboard or the chart focuses; the pointer is where it points. */
function useFocusInView(
  scroller: { readonly current: HTMLDivElement | null },
  focused: FocusedToken | null,
  layout: StripLayout,
): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    const line = focused === null ? undefined : layout.lineOfToken[focused.tokenIndex];
    if (element === null || line === undefined || focused?.by === 'pointer') return;
    scrollLineIntoView(element, line);
  }, [focused, layout]);
}

/** The element that a tooltip belongs to; null while the token is out of view, or focused in the chart. */
function useAnchor(
  scroller: { readonly current: HTMLDivElement | null },
  focused: FocusedToken | null,
  { shown, layout }: { readonly shown: StripWindow; readonly layout: StripLayout },
): Element | null {
  const [anchor, setAnchor] = useState<Element | null>(null);
  useLayoutEffect(() => {
    const token = focused?.by === 'chart' ? null : focused;
    const id = token === null ? null : tokenId(token.tokenIndex);
    setAnchor(id === null ? null : (scroller.current?.querySelector(`#${id}`) ?? null));
  }, [focused, shown.first, shown.end, layout]);
  return anchor;
}

/** While a candidate runs, keeps the newest line in view, unless the reader has scrolled away from it. */
function useFollowTail(
  scroller: { readonly current: HTMLDivElement | null },
  candidate: CandidateState,
  lineCount: number,
): void {
  const wasAtEnd = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (candidate.status === 'running' && wasAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [scroller, candidate.status, lineCount]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      wasAtEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - lineHeightPx;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller]);
}

function scrollLineIntoView(element: HTMLElement, line: number): void {
  const top = line * lineHeightPx;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + lineHeightPx > element.scrollTop + element.clientHeight - 2 * paddingPx) {
    element.scrollTop = top + lineHeightPx - element.clientHeight + 2 * paddingPx;
  }
}

function ownFocus(focused: FocusedToken | null, candidate: CandidateState): FocusedToken | null {
  if (focused?.candidateId !== candidate.id) return null;
  return focused.tokenIndex < candidate.tokenCount ? focused : null;
}

function tokenId(index: number): string {
  return `token-${index}`;
}

function tokenIndexOf(target: EventTarget | null): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-token]') : null;
  const index = element?.dataset['token'];
  return index === undefined ? null : Number(index);
}

/** Where a key leads from a token: neighbours, the line above or below at the same rank, first, last. */
function tokenForKey(key: string, current: number | null, lineOfToken: readonly number[]): number | null {
  const last = lineOfToken.length - 1;
  if (last < 0) return null;
  const at = current ?? -1;
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, at + 1);
    case 'ArrowLeft':
      return Math.max(0, at - 1);
    case 'ArrowDown':
    case 'ArrowUp': {
      const direction = key === 'ArrowDown' ? 1 : -1;
      const line = lineOfToken[Math.max(0, at)] ?? 0;
      const rank = Math.max(0, at) - lineOfToken.indexOf(line);
      for (
        let other = line + direction;
        other >= 0 && other <= (lineOfToken[last] ?? 0);
        other += direction
      ) {
        const first = lineOfToken.indexOf(other);
        if (first === -1) continue;
        const end = lineOfToken.lastIndexOf(other);
        return Math.min(first + rank, end);
      }
      return null;
    }
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
