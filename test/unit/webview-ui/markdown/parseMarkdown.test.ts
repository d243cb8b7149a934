import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarkdownBlock, MarkdownInline } from '../../../../webview-ui/markdown/markdownTree.ts';
import { parseMarkdown } from '../../../../webview-ui/markdown/parseMarkdown.ts';

const text = (words: string): MarkdownInline => ({ type: 'text', text: words });
const paragraph = (...children: readonly MarkdownInline[]): MarkdownBlock => ({
  type: 'paragraph',
  children,
});

describe('parseMarkdown', () => {
  it('reads emphasis, inline code and line breaks', () => {
    expect(parseMarkdown('So **18** _eggs_, ~~17~~, `a < b` \\*.\nNext.')).toEqual([
      paragraph(
        text('So '),
        { type: 'strong', children: [text('18')] },
        text(' '),
        { type: 'emphasis', children: [text('eggs')] },
        text(', '),
        { type: 'deleted', children: [text('17')] },
        text(', '),
        { type: 'code', text: 'a < b' },
        text(' '),
        text('*'),
        text('.\nNext.'),
      ),
    ]);
  });

  it('reads headings, rules and quotes', () => {
    expect(parseMarkdown('## Plan\n\n> first\n\n---\n')).toEqual([
      { type: 'heading', depth: 2, children: [text('Plan')] },
      { type: 'quote', children: [paragraph(text('first'))] },
      { type: 'rule' },
    ]);
  });

  it('reads lists within lists, with their first number and their ticks', () => {
    expect(parseMarkdown('3. [x] one\n   - inner\n4. [ ] two')).toEqual([
      {
        type: 'list',
        start: 3,
        items: [
          {
            isDone: true,
            children: [
              paragraph(text('one')),
              { type: 'list', start: null, items: [{ isDone: null, children: [paragraph(text('inner'))] }] },
            ],
          },
          { isDone: false, children: [paragraph(text('two'))] },
        ],
      },
    ]);
  });

  it('reads tables with the side that each column keeps to', () => {
    expect(parseMarkdown('| n | sum |\n|---|--:|\n| 1 | `2` |')).toEqual([
      {
        type: 'table',
        header: [
          { align: null, children: [text('n')] },
          { align: 'right', children: [text('sum')] },
        ],
        rows: [
          [
            { align: null, children: [text('1')] },
            { align: 'right', children: [{ type: 'code', text: '2' }] },
          ],
        ],
      },
    ]);
  });

  it('keeps code as it is, and runs a fence that nothing closes to the end', () => {
    const code = 'if (a) {\n\n  **b**();\n}';
    const block = { type: 'code', info: 'ts', text: code };
    expect(parseMarkdown(`First.\n\n\`\`\`ts\n${code}\n\`\`\`\nDone.`)).toEqual([
      paragraph(text('First.')),
      { ...block, isClosed: true },
      paragraph(text('Done.')),
    ]);
    expect(parseMarkdown(`\`\`\`ts\n${code}`)).toEqual([{ ...block, isClosed: false }]);
    expect(parseMarkdown('Try:\n~~~')).toEqual([
      paragraph(text('Try:')),
      { type: 'code', info: '', text: '', isClosed: false },
    ]);
  });

  it.each([
    ['```\na\n```', true],
    ['````\n```\n````  ', true],
    ['````\na\n```', false],
    ['```\na\n~~~', false],
    ['~~~ts\na\n~~~~', true],
    ['- b\n\n  ```\n  a\n  ```', true],
    ['- b\n\n  ```\n  a', false],
    ['    a\n    b', true],
  ])('says of %j whether its code is closed', (typed, isClosed) => {
    expect(codeOf(parseMarkdown(typed)).map((block) => block.isClosed)).toEqual([isClosed]);
  });

  it.each([
    '<img src=x onerror="alert(1)">',
    '<script>alert(1)</script>',
    '<!-- gone? -->',
    '[1]: javascript:alert(1)',
    '&lt;b&gt;',
  ])('leaves %s as text', (hostile) => {
    expect(parseMarkdown(hostile)).toEqual([paragraph(text(hostile))]);
  });

  it('takes formulas out of their brackets, with nothing in them read as a mark', () => {
    expect(parseMarkdown('So \\[ 3 \\times 12 \\] is \\(\\boxed{36} * a_1 * b_1\\).')).toEqual([
      paragraph(
        text('So '),
        { type: 'formula', tex: '3 \\times 12', isDisplay: true },
        text(' is '),
        { type: 'formula', tex: '\\boxed{36} * a_1 * b_1', isDisplay: false },
        text('.'),
      ),
    ]);
  });

  it.each(['40\n- 4\n= 36', '40 - 4\n=\n36', '40\n+ 1\n> 3', '# 4'])(
    'keeps the lines of a formula together, whatever they begin with: %o',
    (tex) => {
      for (const typed of [`\\[\n${tex}\n\\]`, `  \\[\n${tex}\n  \\]`, `So we have:\n\\[\n${tex}\n\\]`]) {
        const blocks = parseMarkdown(`${typed}\nThus 36.`);
        expect(blocks.every(({ type }) => type === 'paragraph')).toBe(true);
        const runs = blocks.flatMap((block) => (block.type === 'paragraph' ? block.children : []));
        expect(runs.filter(({ type }) => type !== 'text')).toEqual([
          { type: 'formula', tex, isDisplay: true },
        ]);
        expect(wordsOf(blocks)).toContain('Thus 36.');
      }
    },
  );

  it.each([
    '\\( 3 \\times',
    'f\\(x\n\n y\\)',
    `\\(${'x'.repeat(3000)}\\)`,
    '\\[ a \\)',
    'a\\[0\\] and \\[12\\]',
    'f\\(\\)',
  ])('leaves brackets that hold no formula as they are: %s', (typed) => {
    expect(lettersOf(wordsOf(parseMarkdown(typed)))).toBe(lettersOf(typed));
    expect(wordsOf(parseMarkdown(typed))).toContain(typed.slice(0, 3));
  });

  it('keeps a link as it was typed that would be cut short', () => {
    const typed = '[ab](   cd)\\)';
    expect(wordsOf(parseMarkdown(typed))).toBe(typed);
    expect(wordsOf(parseMarkdown('[ab]( cd(ef) )'))).toBe('abcd(ef)');
  });

  it('keeps links and images as their words and an address to read', () => {
    expect(parseMarkdown('[here](javascript:alert(1)) ![cat](http://x.test/cat.png)')).toEqual([
      paragraph({ type: 'reference', address: 'javascript:alert(1)', children: [text('here')] }, text(' '), {
        type: 'reference',
        address: 'http://x.test/cat.png',
        children: [text('cat')],
      }),
    ]);
  });
});

describe('text made to do harm', () => {
  const hostile: Readonly<Record<string, string>> = {
    quotes: `${'>'.repeat(10_000)} x`,
    'quotes line by line': `${'>'.repeat(200)}x\n`.repeat(200),
    bullets: `${'- '.repeat(10_000)}x`,
    'lists within lists': Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join('\n'),
    emphasis: `${'*_'.repeat(5000)}x${'_*'.repeat(5000)}`,
    'open emphasis': '_a'.repeat(20_000),
    brackets: '['.repeat(20_000),
    links: '[a]('.repeat(5000),
    images: '!['.repeat(10_000),
    'angle brackets': '<'.repeat(20_000),
    backticks: Array.from({ length: 300 }, (_, length) => '`'.repeat(length)).join(' '),
    fences: '```\n'.repeat(5000),
    'open formulas': '\\('.repeat(10_000),
    formulas: '\\(x\\)'.repeat(5000),
    'open display formulas': '\\[\n'.repeat(5000),
    'a wide table': ['|a', '|-', '|b'].map((cell) => `${cell.repeat(2000)}|`).join('\n'),
  };

  it.each(Object.keys(hostile))('%s: is shown, and no deeper than a page can draw', (name) => {
    const blocks = parseMarkdown(hostile[name] ?? '');
    expect(blocks.length).toBeGreaterThan(0);
    expect(depthOf(blocks)).toBeLessThan(40);
  });

  it('any mix of marks: every letter stays, in its place', () => {
    const pieces = fc.constantFrom(
      ...[
        '*',
        '**',
        '_',
        '`',
        '```',
        '~~',
        '>',
        '- ',
        '1. ',
        '# ',
        '[',
        '](',
        ')',
        '![',
        '<b>',
        '<',
        '\n',
        '\n\n',
        '    ',
        '\\(',
        '\\)',
        '\\[',
        '\\]',
      ],
      ...['ab', 'cd', 'ef', ' '],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const typed = parts.join('').replace(/<b>/gu, '<>');
        expect(lettersOf(wordsOf(parseMarkdown(typed)))).toBe(lettersOf(typed));
      }),
      { numRuns: 2000 },
    );
  });
});

function lettersOf(typed: string): string {
  return typed.replace(/[^a-z]/gu, '');
}

function wordsOf(nodes: readonly (MarkdownBlock | MarkdownInline)[]): string {
  return nodes
    .map((node): string => {
      switch (node.type) {
        case 'text':
          return node.text;
        case 'code':
          return `${'info' in node ? node.info : ''}${node.text}`;
        case 'formula':
          return node.tex;
        case 'reference':
          return wordsOf(node.children) + node.address;
        case 'list':
          return node.items.map(({ children }) => wordsOf(children)).join('');
        case 'table':
          return [node.header, ...node.rows]
            .flatMap((row) => row.map(({ children }) => wordsOf(children)))
            .join('');
        case 'break':
        case 'rule':
          return '';
        case 'paragraph':
        case 'heading':
        case 'quote':
        case 'strong':
        case 'emphasis':
        case 'deleted':
          return wordsOf(node.children);
      }
    })
    .join('');
}

function depthOf(nodes: readonly (MarkdownBlock | MarkdownInline)[]): number {
  const depths = nodes.map((node) => {
    if (node.type === 'list')
      return depthOf(node.items.flatMap(({ children }): readonly MarkdownBlock[] => children));
    return 'children' in node ? depthOf(node.children) : 0;
  });
  return 1 + Math.max(0, ...depths);
}

function codeOf(blocks: readonly MarkdownBlock[]): readonly Extract<MarkdownBlock, { type: 'code' }>[] {
  return blocks.flatMap((block) => {
    if (block.type === 'code') return [block];
    return block.type === 'list' ? block.items.flatMap(({ children }) => codeOf(children)) : [];
  });
}
