/** What cutting needs to know of a language beyond its brackets. */
export interface LanguageRules {
  /** Whether blocks end by brackets, words or tags; otherwise by indentation. */
  readonly endsByMarks: boolean;
  /** A line that ends like this opens a block, brackets aside. Looked at in code only, never in brackets. */
  readonly opener: RegExp | null;
  /** A line that goes on with a block at the indentation of its head, such as `else:`. */
  readonly continuation: RegExp | null;
  /** Whether a string in double quotes may have several lines, which no grammar says while it has no end. */
  readonly quotesSpanLines?: true;
  /** A head whose block is incomplete without a continuation, and what completes it. */
  readonly incomplete?: { readonly head: RegExp; readonly continuation: RegExp };
}

/** `case X:`, and a word that wants a block after it. */
const braces: LanguageRules = {
  endsByMarks: true,
  opener: /(?:=>|(?:^|\s)(?:case\b.*|default):|(?:^|[\s}])(?:do|else|try|finally))$/,
  continuation: null,
};
const markup: LanguageRules = { endsByMarks: true, opener: null, continuation: null };

const rules: Readonly<Record<string, LanguageRules>> = {
  python: {
    endsByMarks: false,
    opener: /:$/,
    continuation: /^(?:elif\b.*|else|except\b.*|finally|case\b.*):/,
    incomplete: { head: /^try:/, continuation: /^(?:except\b.*|finally):/ },
  },
  ruby: {
    endsByMarks: false,
    opener:
      /^\s*(?:def|class|module|if|unless|while|until|case|when|for|begin|else|elsif|ensure|rescue)\b.*$|\bdo(?:\s*\|[^|]*\|)?$/,
    continuation: /^(?:else|elsif|when|rescue|ensure)\b/,
  },
  shellscript: {
    endsByMarks: true,
    opener: /(?:^|[\s;])(?:then|do|else|in)$|^\s*[^\s()]+\)$/,
    continuation: null,
    quotesSpanLines: true,
  },
  html: markup,
  svelte: markup,
  vue: markup,
  xml: markup,
};

const withBraces = new Set(
  'awk bicep c cpp csharp css cuda-cpp d dart glsl go graphql groovy hcl hlsl java javascript javascriptreact json jsonc kotlin less objective-c objective-cpp perl php powershell prisma proto proto3 r rust scala scss shaderlab solidity swift terraform typescript typescriptreact v wgsl zig'.split(
    ' ',
  ),
);

/** Any other language ends its blocks by indentation, and opens one by a colon, an arrow or a common word. */
const others: LanguageRules = {
  endsByMarks: false,
  opener: /(?::|=>|->|\b(?:do|then|else|begin|try))$/,
  continuation: null,
};

/** Rules of a language by VS Code's identifier. */
export function rulesOf(languageId: string): LanguageRules {
  if (Object.hasOwn(rules, languageId)) return rules[languageId] ?? others;
  return withBraces.has(languageId) ? braces : others;
}
