import { counted } from '../../protocol/counted.ts';
import { shortAnswer } from '../state/shortAnswer.ts';

/** An answer in one line; one that is longer opens to the whole of it. */
export function ShortAnswer({ answer }: { readonly answer: string }) {
  const { line, moreLines, isWhole, tooltip } = shortAnswer(answer);
  return isWhole ? (
    <span class="short-answer" title={tooltip}>
      {line}
    </span>
  ) : (
    <details class="short-answer">
      <summary title={tooltip}>
        <span class="short-answer-line">{line}</span>
        {moreLines === 0 ? null : <span class="short-answer-rest">+{counted(moreLines, 'line')}</span>}
      </summary>
      <pre tabIndex={0} aria-label="Whole answer">
        {answer}
      </pre>
    </details>
  );
}
