import { useLayoutEffect, useState } from 'preact/hooks';
import { readPalette, type Palette } from '../charts/palette.ts';

/** The palette of the theme in force; changes when VS Code or the system changes its theme. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette);
  useLayoutEffect(() => {
    const update = (): void => {
      setPalette(readPalette());
    };
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', update);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', update);
    };
  }, []);
  return palette;
}
