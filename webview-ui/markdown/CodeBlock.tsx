import { useContext, useState } from 'preact/hooks';
import { Icon, type IconName } from '../components/Icon.tsx';
import { type CodeActions, CodeActionsContext } from './codeActions.ts';
import type { MarkdownBlock } from './markdownTree.ts';

type Code = Extract<MarkdownBlock, { readonly type: 'code' }>;

/**
 * Code in a fence, with what can be done with it. While it is being written there are no buttons; one that the answer ended
 * within can be copied and inserted, and is not applied.
 */
export function CodeBlock({ block }: { readonly block: Code }) {
  const actions = useContext(CodeActionsContext);
  const { info, text, isClosed } = block;
  const label = info === '' ? 'Code' : `${info} code`;
  const pre = (
    <pre tabIndex={0} aria-label={label}>
      <code>{text}</code>
    </pre>
  );
  if (actions === null) return pre;
  const isCut = !isClosed && !actions.isGrowing;
  return (
    <div class="code-block" role="group" aria-label={label}>
      <div class="code-bar">
        <span class="code-language">{info}</span>
        {isCut ? <span class="code-cut">Cut off: the answer ended before this code did.</span> : null}
        {isClosed || isCut ? <CodeButtons block={block} actions={actions} /> : null}
      </div>
      {pre}
    </div>
  );
}

function CodeButtons({ block, actions }: { readonly block: Code; readonly actions: CodeActions }) {
  const { text, isClosed } = block;
  const { copy, insert, apply } = actions;
  return (
    <div class="code-buttons">
      {copy === null ? null : (
        <CodeButton
          icon="copy"
          name="Copy"
          done="Copied"
          title="Copy this code"
          onChoose={() => {
            copy(text);
          }}
        />
      )}
      {insert === null ? null : (
        <CodeButton
          icon="insert"
          name="Insert at Cursor"
          title="Insert this code at the cursor of the editor that was used last"
          onChoose={() => {
            insert(text);
          }}
        />
      )}
      {apply === null || !isClosed ? null : (
        <CodeButton
          icon="check"
          name="Apply"
          title="Show what this code would change in the place of the selection, else of the code that you asked about"
          onChoose={() => {
            apply(text);
          }}
        />
      )}
    </div>
  );
}

interface CodeButtonProps {
  readonly icon: IconName;
  readonly name: string;
  /** Its name once it was chosen, until the focus leaves it. */
  readonly done?: string;
  readonly title: string;
  readonly onChoose: () => void;
}

function CodeButton({ icon, name, done, title, onChoose }: CodeButtonProps) {
  const [isDone, setIsDone] = useState(false);
  return (
    <button
      type="button"
      class="code-button"
      title={title}
      onClick={() => {
        onChoose();
        setIsDone(true);
      }}
      onBlur={() => {
        setIsDone(false);
      }}
    >
      <Icon name={isDone && done !== undefined ? 'check' : icon} />
      <span aria-live={done === undefined ? undefined : 'polite'}>
        {isDone && done !== undefined ? done : name}
      </span>
    </button>
  );
}
