import { createContext } from 'preact';

/** What can be done with a code block; one that cannot be done here is null. */
export interface CodeActions {
  readonly copy: ((code: string) => void) | null;
  readonly insert: ((code: string) => void) | null;
  readonly apply: ((code: string) => void) | null;
  /** Whether the text that the block is in may still grow. */
  readonly isGrowing: boolean;
}

/** Null where code blocks have no buttons. */
export const CodeActionsContext = createContext<CodeActions | null>(null);
