import type { DraftNode } from './drafter.ts';

/** A guessed token and what it rests on, not yet in its place. */
export type Guess = Omit<DraftNode, 'parent'>;

interface GrowingNode extends Guess {
  readonly children: GrowingNode[];
}

/**
 * Chains of guesses merged into one tree: what they say alike is there once. What a later chain says otherwise is judged
 * apart, as `else`, for it comes true only where the first is wrong.
 */
export class DraftTree {
  readonly #roots: GrowingNode[] = [];

  add(chain: readonly Guess[]): void {
    let siblings = this.#roots;
    let isElse = false;
    for (const guess of chain) {
      const known = siblings.find(({ token }) => token === guess.token);
      if (known !== undefined) {
        siblings = known.children;
        continue;
      }
      isElse ||= siblings.length > 0;
      const node: GrowingNode = {
        ...guess,
        grounds: isElse ? `else ${guess.grounds}` : guess.grounds,
        children: [],
      };
      siblings.push(node);
      siblings = node.children;
    }
  }

  /** In depth-first order, earlier chains first. */
  nodes(): readonly DraftNode[] {
    const nodes: DraftNode[] = [];
    const visit = (siblings: readonly GrowingNode[], parent: number): void => {
      for (const { token, confidence, grounds, children } of siblings) {
        const index = nodes.push({ token, parent, confidence, grounds }) - 1;
        visit(children, index);
      }
    };
    visit(this.#roots, -1);
    return nodes;
  }
}
