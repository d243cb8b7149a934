import { createElement, type ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { assertNever } from '../../protocol/assertNever.ts';
import { CodeBlock } from './CodeBlock.tsx';
import { GrowingMarkdown } from './growingMarkdown.ts';
import { InlineMarkdown } from './InlineMarkdown.tsx';
import type { MarkdownBlock, MarkdownCell, MarkdownListItem } from './markdownTree.ts';
import { parseMarkdown } from './parseMarkdown.ts';

interface MarkdownProps {
  readonly text: string;
  /** Whether more text may follow: then only what it can change is parsed and drawn anew. */
  readonly isGrowing: boolean;
}

/**
 * A text in Markdown. Its headings rank below the panel's own. Nothing in it can be followed, loaded or run: what is
 * no Markdown, HTML included, is shown as text. Parsed once for each text, and so at most once a frame.
 */
export function Markdown({ text, isGrowing }: MarkdownProps) {
  const growing = useRef(new GrowingMarkdown());
  const blocks = useMemo(
    () => (isGrowing ? growing.current.read(text) : parseMarkdown(text)),
    [text, isGrowing],
  );
  return (
    <div class="markdown">
      {blocks.map((block, index) => (
        <KeptBlock key={index} block={block} />
      ))}
    </div>
  );
}

/** A block that is drawn again only when it has changed. */
function KeptBlock({ block }: { readonly block: MarkdownBlock }) {
  return useMemo(() => <Block block={block} />, [block]);
}

function Blocks({ blocks }: { readonly blocks: readonly MarkdownBlock[] }) {
  return (
    <>
      {blocks.map((block, index) => (
        <Block key={index} block={block} />
      ))}
    </>
  );
}

function Block({ block }: { readonly block: MarkdownBlock }): ComponentChildren {
  switch (block.type) {
    case 'paragraph':
      return (
        <p>
          <InlineMarkdown runs={block.children} />
        </p>
      );
    case 'heading':
      return createElement(
        `h${Math.min(6, block.depth + 2)}`,
        null,
        <InlineMarkdown runs={block.children} />,
      );
    case 'code':
      return <CodeBlock block={block} />;
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.children} />
        </blockquote>
      );
    case 'list':
      return block.start === null ? (
        <ul>
          <Items items={block.items} />
        </ul>
      ) : (
        <ol start={block.start}>
          <Items items={block.items} />
        </ol>
      );
    case 'table':
      return (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Table">
          <table>
            <thead>
              <Row cells={block.header} as="th" />
            </thead>
            <tbody>
              {block.rows.map((cells, index) => (
                <Row key={index} cells={cells} as="td" />
              ))}
            </tbody>
          </table>
        </div>
      );
    case 'rule':
      return <hr />;
    default:
      return assertNever(block);
  }
}

function Items({ items }: { readonly items: readonly MarkdownListItem[] }) {
  return (
    <>
      {items.map(({ isDone, children }, index) => (
        <li key={index} data-task={isDone === null ? undefined : ''}>
          {isDone === null ? null : (
            <span class="task" role="img" aria-label={isDone ? 'Done' : 'Not done'}>
              {isDone ? '☑' : '☐'}
            </span>
          )}
          <Blocks blocks={children} />
        </li>
      ))}
    </>
  );
}

function Row({ cells, as }: { readonly cells: readonly MarkdownCell[]; readonly as: 'th' | 'td' }) {
  return (
    <tr>
      {cells.map(({ align, children }, index) =>
        createElement(
          as,
          { key: index, 'data-align': align ?? undefined },
          <InlineMarkdown runs={children} />,
        ),
      )}
    </tr>
  );
}
