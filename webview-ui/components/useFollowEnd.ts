import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Pixels from the end that still count as at the end: about a line. */
const nearPx = 24;

/** Keeps the end of a growing text in view while the reader is there, and leaves one who has scrolled away alone. */
export function useFollowEnd(
  scroller: { readonly current: HTMLElement | null },
  growth: { readonly length: number; readonly isGrowing: boolean },
): void {
  const wasAtEnd = useRef(true);
  const { length, isGrowing } = growth;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && isGrowing && wasAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [scroller, length, isGrowing]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      wasAtEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - nearPx;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller]);
}
