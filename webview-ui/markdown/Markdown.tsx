import { createElement, type ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { assertNever } from '../../protocol/assertNever.ts';
import { InlineMarkdown } from './InlineMarkdown.tsx';
import type { MarkdownBlock, MarkdownCell, MarkdownListItem } from './markdownTree.ts';
import { parseMarkdown } from './parseMarkdown.ts';

/**
 * A text in Markdown. Its headings rank below the panel's own. Nothing in it can be followed, loaded or run: what is
 * no Markdown, HTML included, is shown as text. Parsed once for each text, and so at most once a frame.
 */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div class="markdown">
      <Blocks blocks={blocks} />
    </div>
  );
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
      return (
        <pre tabIndex={0} aria-label={block.info === '' ? 'Code' : `${block.info} code`}>
          <code>{block.text}</code>
        </pre>
      );
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
