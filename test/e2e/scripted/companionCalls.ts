/** First line and column, last line and column, new text; from 0. */
export type Typed = readonly [number, number, number, number, string];

/** Where the focus is, and how many comparisons are open. */
export interface Place {
  readonly uri: string | null;
  readonly line: number | null;
  readonly comparisons: number;
}

interface Call<G, V> {
  readonly given: G;
  readonly value: V;
}

interface OfDocument {
  readonly uri: string;
}

/** What the companion extension does for a test, by name. Documents are named by their URI. */
export interface CompanionCalls {
  readonly open: Call<
    { readonly path: string; readonly encoding?: string; readonly isBeside?: boolean },
    string
  >;
  readonly openUntitled: Call<{ readonly text: string }, string>;
  readonly show: Call<OfDocument, null>;
  /** Whole lines of the editor with the focus, both included; without a last one the cursor is put before the first. */
  readonly select: Call<{ readonly first: number; readonly last?: number }, null>;
  /** A setting of the user; null sets it back. */
  readonly configure: Call<{ readonly name: string; readonly value: string | boolean | null }, null>;
  /** Titles of what the editor's menu offers at a line, of the extension under test. */
  readonly offers: Call<OfDocument & { readonly line: number }, readonly string[]>;
  /** Takes one of these. */
  readonly take: Call<OfDocument & { readonly line: number; readonly title: string }, null>;
  /** Errors, in the place of those before. */
  readonly report: Call<
    OfDocument & { readonly found: readonly { readonly line: number; readonly message: string }[] },
    null
  >;
  readonly type: Call<OfDocument & { readonly typed: readonly Typed[] }, null>;
  readonly run: Call<{ readonly command: string }, null>;
  /** Accepts all of an edit, and presses a key in the moment in which it is written. */
  readonly acceptAndType: Call<OfDocument & { readonly typed: Typed }, null>;
  readonly read: Call<OfDocument, string>;
  /** How often the formatter that throws was asked. */
  readonly thrown: Call<null, number>;
  readonly place: Call<null, Place>;
}

export interface CompanionCall<N extends keyof CompanionCalls = keyof CompanionCalls> {
  readonly id: number;
  readonly name: N;
  readonly given: CompanionCalls[N]['given'];
}

export type CompanionReply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };
