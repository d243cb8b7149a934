import katex from 'katex';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isDrawable, type Formula } from './formula.ts';

/** Nothing in a formula is followed, loaded or given a style; rulers and spaces are at most 20 em. */
const options = { output: 'mathml', strict: 'ignore', trust: false, maxSize: 20 } as const;

/** A formula as MathML, which the page's own fonts draw. What KaTeX cannot read is shown as LaTeX. */
export function FormulaView({ formula }: { readonly formula: Formula }) {
  const { tex, isDisplay } = formula;
  const place = useRef<HTMLSpanElement>(null);
  const draws = isDrawable(formula);
  useLayoutEffect(() => {
    const span = place.current;
    if (span === null) return;
    try {
      if (draws) katex.render(tex, span, { ...options, displayMode: isDisplay });
      else span.textContent = tex;
    } catch {
      // Models write text that is not LaTeX, stop in the middle of it, or nest it deeper than KaTeX can follow.
      span.textContent = tex;
    }
  }, [tex, isDisplay, draws]);
  return <span ref={place} class={isDisplay ? 'formula-line' : 'formula'} />;
}
