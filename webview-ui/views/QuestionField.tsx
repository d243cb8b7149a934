import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../components/Icon.tsx';
import { completeMention, type FileMention, fileMention } from '../state/fileMention.ts';
import type { PanelHost } from '../state/panelHost.ts';
import type { BoxWords } from '../state/boxUse.ts';
import type { FoundFiles } from '../state/panelState.ts';
import { FileList } from './FileList.tsx';

interface QuestionFieldProps {
  readonly host: PanelHost;
  readonly found: FoundFiles | null;
  readonly question: string;
  readonly words: BoxWords;
  /** Id of what says more about the field. */
  readonly describedBy: string | undefined;
  readonly canAsk: boolean;
  readonly onChange: (question: string) => void;
  readonly onSend: () => void;
}

/** The text of a question or instruction. Enter sends, Shift+Enter breaks the line, and `#` finds files that go along. */
export function QuestionField(props: QuestionFieldProps) {
  const { question, words, describedBy, canAsk, onChange, onSend } = props;
  const { field, listId, paths, active, choose, look, takeKey } = useFileList(props);
  const isOpen = paths.length > 0;
  return (
    <>
      <FileList id={listId} paths={paths} active={active} onChoose={choose} />
      <div class="ask-field">
        <textarea
          rows={1}
          ref={field}
          value={question}
          placeholder={words.placeholder}
          aria-label={words.fieldName}
          aria-describedby={describedBy}
          aria-autocomplete="list"
          aria-controls={isOpen ? listId : undefined}
          aria-activedescendant={isOpen ? `${listId}-${active}` : undefined}
          onInput={(event) => {
            onChange(event.currentTarget.value);
            look(event.currentTarget);
          }}
          onKeyDown={(event) => {
            if (event.isComposing || takeKey(event)) return;
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            onSend();
          }}
        />
        <button
          type="submit"
          class="button button-icon"
          disabled={!canAsk}
          title={`${words.buttonName} (Enter)`}
          aria-label={words.buttonName}
        >
          <Icon name="send" />
        </button>
      </div>
    </>
  );
}

/** The files that fit the `#file` at the cursor: arrow keys move through them, Tab and Enter take one, Escape closes them. */
function useFileList({ host, found, question, onChange }: QuestionFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [mention, setMention] = useState<FileMention | null>(null);
  const [active, setActive] = useState(0);
  const [cursor, setCursor] = useState<number | null>(null);
  // Where text was put in, the browser leaves the cursor at its end.
  useLayoutEffect(() => {
    if (cursor === null) return;
    field.current?.setSelectionRange(cursor, cursor);
    setCursor(null);
  }, [cursor]);
  const isTyped = mention !== null && question.slice(mention.from, mention.to) === `#${mention.query}`;
  const paths = isTyped && found?.query === mention.query ? found.paths : [];
  const choose = (path: string): void => {
    if (mention === null) return;
    const completed = completeMention(question, mention, path);
    onChange(completed.text);
    setCursor(completed.cursor);
    setMention(null);
    host.post({ type: 'context/added', path });
    field.current?.focus();
  };
  const look = ({ value, selectionStart }: HTMLTextAreaElement): void => {
    const next = fileMention(value, selectionStart);
    setMention(next);
    setActive(0);
    if (next !== null && next.query !== mention?.query)
      host.post({ type: 'files/sought', query: next.query });
  };
  /** Whether the key was for the list. */
  const takeKey = (event: KeyboardEvent): boolean => {
    const path = paths[active];
    if (path === undefined) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive((active + step + paths.length) % paths.length);
    else if (event.key === 'Escape') setMention(null);
    else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) choose(path);
    else return false;
    event.preventDefault();
    return true;
  };
  return { field, listId, paths, active, choose, look, takeKey };
}
