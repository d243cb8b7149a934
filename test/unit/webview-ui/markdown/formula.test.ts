import { expect, it } from 'vitest';
import { isDrawable } from '../../../../webview-ui/markdown/formula.ts';

const isDrawn = (tex: string): boolean => isDrawable({ tex, isDisplay: false });

it.each(['\\frac{1}{2}', '\\text{default}', '\\times', '\\left( x \\right)', '\\longrightarrow', '\\letter'])(
  'draws %s',
  (tex) => {
    expect(isDrawn(tex)).toBe(true);
  },
);

it.each([
  '\\def\\a{\\a\\a}\\a',
  '\\gdef\\b{x}',
  '\\newcommand{\\c}{x}',
  '\\renewcommand\\times{+}',
  '\\let\\x=y',
  '\\href{http://evil.test}{here}',
  '\\includegraphics{http://evil.test/a.png}',
  '\\htmlStyle{color: red}{x}',
])('shows %s as LaTeX', (tex) => {
  expect(isDrawn(tex)).toBe(false);
});
