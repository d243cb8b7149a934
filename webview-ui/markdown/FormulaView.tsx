import katex from 'katex';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Formula } from './formula.ts';

/** Of macros, which a formula can define for itself: they end where nobody meant them to be. */
const maxExpand = 200;
/** Of a ruler or a space that a formula asks for, in em. */
const maxSize = 20;

/** A formula as MathML, which the page's own fonts draw. What KaTeX cannot read is shown as LaTeX. */
export function FormulaView({ formula: { tex, isDisplay } }: { readonly formula: Formula }) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const span = place.current;
    if (span === null) return;
    try {
      katex.render(tex, span, {
        output: 'mathml',
        displayMode: isDisplay,
        strict: 'ignore',
        maxExpand,
        maxSize,
      });
    } catch {
      // A `ParseError` of KaTeX: models write what is no LaTeX, and stop in the middle of it.
      span.textContent = tex;
    }
  }, [tex, isDisplay]);
  return <span ref={place} class={isDisplay ? 'formula-line' : 'formula'} />;
}
