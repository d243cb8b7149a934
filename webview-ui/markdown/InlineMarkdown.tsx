import type { ComponentChildren } from 'preact';
import { assertNever } from '../../protocol/assertNever.ts';
import { FormulaView } from './FormulaView.tsx';
import type { MarkdownInline } from './markdownTree.ts';

/** Runs of text within a block. A link's or an image's address follows its words, as text. */
export function InlineMarkdown({ runs }: { readonly runs: readonly MarkdownInline[] }) {
  return (
    <>
      {runs.map((run, index) => (
        <Run key={index} run={run} />
      ))}
    </>
  );
}

function Run({ run }: { readonly run: MarkdownInline }): ComponentChildren {
  switch (run.type) {
    case 'text':
      return run.text;
    case 'code':
      return <code>{run.text}</code>;
    case 'break':
      return <br />;
    case 'formula':
      return <FormulaView formula={run} />;
    case 'strong':
      return (
        <strong>
          <InlineMarkdown runs={run.children} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <InlineMarkdown runs={run.children} />
        </em>
      );
    case 'deleted':
      return (
        <del>
          <InlineMarkdown runs={run.children} />
        </del>
      );
    case 'reference':
      return isBareAddress(run) ? (
        run.address
      ) : (
        <>
          <InlineMarkdown runs={run.children} /> <span class="muted">({run.address})</span>
        </>
      );
    default:
      return assertNever(run);
  }
}

function isBareAddress({
  address,
  children,
}: Extract<MarkdownInline, { readonly type: 'reference' }>): boolean {
  const [first] = children;
  return first === undefined || (first.type === 'text' && first.text === address);
}
