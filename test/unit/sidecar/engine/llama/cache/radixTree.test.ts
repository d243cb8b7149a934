import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, type RadixNode, RadixTree } from '../../../../../../sidecar/engine/llama/cache/radixTree.ts';

/** Puts a text in as a caller would: passes what is there, splits where it leaves, and adds the rest. */
function insert(tree: RadixTree<string>, tokens: readonly number[], value: string): void {
  const { path, length } = tree.match(tokens);
  const last = path.at(-1);
  const node = last === undefined ? tree.root : length < endOf(last) ? tree.split(last, length) : last;
  if (length < tokens.length) tree.addLeaf(node, tokens.slice(length), value);
}

function textsOf(node: RadixNode<string>, before: readonly number[] = []): readonly (readonly number[])[] {
  const text = [...before, ...node.tokens];
  if (node.children.size === 0) return [text];
  return [...node.children.values()].flatMap((child) => textsOf(child, text));
}

const text = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 });

describe('RadixTree', () => {
  it('shares what texts start with and splits where they part', () => {
    const tree = new RadixTree('', (value) => `${value}'`);
    insert(tree, [1, 2, 3, 4], 'a');
    insert(tree, [1, 2, 5], 'b');
    const [upper] = tree.root.children.values();
    expect(upper).toMatchObject({ start: 0, tokens: [1, 2], value: "a'" });
    expect(
      [...(upper?.children.values() ?? [])].map(({ start, tokens, value }) => [start, tokens, value]),
    ).toEqual([
      [2, [3, 4], 'a'],
      [2, [5], 'b'],
    ]);
    expect(tree.match([1, 2, 3, 9])).toMatchObject({ length: 3 });
    expect(tree.match([7])).toEqual({ path: [], length: 0 });
  });

  it('grows and shrinks at its leaves alone', () => {
    const tree = new RadixTree('', () => '');
    const leaf = tree.addLeaf(tree.root, [1, 2], '');
    tree.lengthen(leaf, [3]);
    expect(tree.match([1, 2, 3])).toMatchObject({ length: 3 });
    tree.shorten(leaf, 1);
    expect(tree.match([1, 2, 3])).toMatchObject({ length: 1 });
    tree.addLeaf(leaf, [4], '');
    expect(() => {
      tree.lengthen(leaf, [5]);
    }).toThrow();
    expect(() => tree.addLeaf(leaf, [4, 5], '')).toThrow();
    tree.remove(leaf);
    expect([...tree.leaves()]).toEqual([]);
  });

  it('finds the longest common prefix that a search through all texts finds', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), text, (texts, sought) => {
        const tree = new RadixTree('', () => '');
        for (const one of texts) insert(tree, one, '');
        const longest = Math.max(0, ...texts.map((one) => commonLength(one, sought)));
        expect(tree.match(sought).length).toBe(longest);
        // Every text is a path from the root, and no two children begin alike.
        for (const one of texts) expect(tree.match(one).length).toBe(one.length);
        for (const found of textsOf(tree.root)) {
          expect(texts.length === 0 || texts.some((one) => one.join() === found.join())).toBe(true);
        }
      }),
    );
  });
});

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
