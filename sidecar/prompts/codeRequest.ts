/**
 * Whether a question asks for code to be written, as opposed to talked about or worked out. Read off its English words
 * alone, without a model. An imperative at the beginning of a clause has to be followed, within the same phrase, by what
 * code comes as: word problems are full of programs, classes and tests that somebody wrote, but they ask for none. Code
 * that breaks off behind a signature asks to be completed without saying so.
 */

/** Pure; time linear in the length of the question. */
export function asksForCode(question: string): boolean {
  const { prose, hasFence } = withoutFences(question);
  if (isUnfinishedCode(question) || terse.test(prose)) return true;
  // A function in a formula is one of mathematics.
  const clauses = prose.split(clauseEnd).filter((clause) => !formula.test(clause));
  return clauses.some(
    (clause) => requests.some((request) => request.test(clause)) || (hasFence && edit.test(clause)),
  );
}

const nouns =
  'functions?|functional components?|methods?|class(?:es)?|(?:sub)?routines?|scripts?|programs?|code|snippets?|one-?liners?|' +
  'regex(?:p|es)?|regular expressions?|quer(?:y|ies)|components?|modules?|packages?|(?:unit |integration )?tests?|' +
  'test cases?|(?:for|while) loops?|loops?|hooks?|decorators?|macros?|structs?|enums?|traits?|interfaces?|parsers?|' +
  'lexers?|iterators?|endpoints?|middleware|implementations?|type ?guards?|algorithms?|solvers?|dockerfile|makefile|' +
  'stylesheets?|linked lists?|binary search(?: trees?)?|apis?|cli';

const languages =
  String.raw`python|javascript|typescript|java|kotlin|scala|c\+\+|c#|golang|rust|swift|ruby|php|perl|lua|haskell|` +
  'elixir|clojure|ocaml|julia|bash|shell|powershell|sql|html|css|react|vue|svelte|angular|django|flask|node(?:\\.?js)?';

/** Verbs that ask for something new, and those that ask for other code in place of some. */
const newVerbs = 'write|create|generate|build|develop|design|make|give|show|provide|code(?: up)?|draft';
const editVerbs =
  'implement|refactor|complete|finish|rewrite|reimplement|convert|translate|port|fix|extend|optimi[sz]e|add|annotate';

/** What may stand before the verb of a request, politeness most of all. */
const polite =
  "please|now|then|and|also|next|just|first|finally|so|let's|let us|(?:can|could|would|will) you|help me(?: to)?|" +
  "i(?:'d| would) like you to|i (?:want|need) you to|how (?:do|can|could|would|should) (?:i|you|we|one)|how to|" +
  'your task is to|you (?:should|must|have to|need to)';
const beginning = String.raw`^[\s"'“(>*_-]*(?:\d+[.)]\s+)?(?:(?:${polite})\s+){0,3}`;

/** Words that leave the phrase that the verb is about: what comes behind one is not what is to be written. */
const leaving =
  'about|of|to|for|on|at|by|from|how|what|why|when|where|whether|if|that|which|who|is|are|was|were|does|do|did|because';
const phrase = (most: number): string => String.raw`(?:\s+(?!(?:${leaving})\b)[^\s,;:!?]+,?){0,${most}}?\s+`;

const after = String.raw`(?![\w-])`;
/** A name of a language says that code is meant wherever it stands; some are words besides, or letters. */
const what =
  String.raw`[\x60"'“*]*(?:(?:${nouns})${after}|(?:in|using|with)\s+(?:${languages})${after}|` +
  String.raw`in\s+(?:c|go|r)\s*(?:[.!?)]|$)|(?:python|javascript|typescript|bash|sql|html|css)${after})`;

const requests: readonly RegExp[] = [
  `${beginning}(?:${newVerbs}|${editVerbs})\\b${phrase(9)}${what}`,
  // Nothing but code is asked for by these.
  String.raw`${beginning}(?:implement|refactor)\s+\S`,
  `${beginning}(?:i (?:need|want)|i(?:'d| would) like|i(?:'m| am) looking for)\\b${phrase(6)}${what}`,
].map((source) => new RegExp(source, 'i'));

const edit = new RegExp(`${beginning}(?:${editVerbs})\\b`, 'i');

/** No verb at all: "Python function that reverses a string". */
const terse = new RegExp(
  String.raw`^\s*(?:an?\s+)?(?:${languages})\s+(?:[\w-]+\s+){0,3}?(?:${nouns})\s+(?:that|which|to|for|returning|taking|with)\b`,
  'i',
);

const clauseEnd = /[.!?:;,](?=\s)|\n+/;
/** TeX between dollar signs, which money and variables of a shell do not stand between, or one of its commands. */
const formula = /\$[^\s$](?:[^$\n]*[^\s$])?\$(?!\w)|\\(?:frac|sqrt|text|left|cdot|le|ge|infty|\[|\()/;

function withoutFences(question: string): { readonly prose: string; readonly hasFence: boolean } {
  const parts = question.split(/^[ \t]*(?:`{3,}|~{3,}).*$/m);
  return { prose: parts.filter((_part, index) => index % 2 === 0).join('\n'), hasFence: parts.length > 1 };
}

const opensCode =
  /^(?:from\s+\S+\s+import\s|import\s|#include\b|#!|package\s|using\s+\S+;|@\w|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:({]|(?:export\s+|default\s+|async\s+)*function\b|(?:pub\s+)?fn\s+\w|func\s+\w|(?:public|private|protected|static)\s+\w)/;
const signature =
  /^[ \t]*(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:({]|(?:export\s+|default\s+|async\s+)*function\s*\w*\s*\(|(?:pub\s+)?fn\s+\w+|func\s+[\w(]|(?:(?:public|private|protected|static)\s+)+[\w<>[\]]+\s+\w+\s*\()/m;
const unindentedProse = /^[A-Z][\w']*(?:\s+\S+){2,}[.?!:]?$/;

/** A text that is nothing but code, with a signature in it, and without a word about it behind. */
function isUnfinishedCode(question: string): boolean {
  const lines = question.split('\n').filter((line) => line.trim() !== '');
  const [first = ''] = lines;
  const last = lines.at(-1) ?? '';
  return opensCode.test(first) && signature.test(question) && !unindentedProse.test(last);
}
