/**
 * Whether a question leaves nothing to work out: thoughts before an answer pay for mathematics and logic, and for little else
 * (arXiv 2409.12183). Read off its English words alone, without a model. It is one sentence that begins as questions for an
 * explanation do, asks for names or a text, or is a greeting, and no word of it hints at a quantity, a proof or a puzzle.
 * Everything else is thought about. Pure; time linear in the length of the question.
 */
export function hasNothingToCompute(question: string): boolean {
  const text = question.trim().replaceAll('’', "'");
  if (text.length > mostCharacters || isSeveralSentences.test(text)) return false;
  // Code, names with digits in them and how many things to name are no numbers to reckon with.
  const prose = text
    .replace(inlineCode, ' code ')
    .replace(nameWithDigits, ' name ')
    .replace(namedCount, '$1 some ');
  return beginnings.some((beginning) => beginning.test(prose)) && !hints.some((hint) => hint.test(prose));
}

/** Longer ones bring facts along. */
const mostCharacters = 200;
const isSeveralSentences = /[.?!]['")\]]*\s+\S|\n\s*\S/;
const inlineCode = /`[^`\n]*`/g;
/** ES2022, HTTP/2, UTF-8, HEAD~3, and a version after a name: Python 3.12, OAuth 2.0. Not 3x, and not x2. */
const nameWithDigits =
  /\b[A-Za-z]{2}[A-Za-z+#]*[-/~.]?\d+(?:\.\d+)*\b|\b[A-Z][A-Za-z+#]+[ -]v?\d+(?:\.\d+)+\b/g;

/** "Name three sorting algorithms": as many things as are wanted, of which the name is a plural. */
const namedCount =
  /^((?:please )?(?:name|list|suggest|recommend)) (?:two|three|four|five|six|seven|eight|nine|ten) (?!in |as |is )(?=(?:[\w-]+ ){0,2}[a-z-]+s\b)/i;

const polite =
  "(?:please |hey,? |hi,? |so,? |(?:can|could|would) you (?:please )?|i(?:'d| would) like you to )?";
const beginnings: readonly RegExp[] = [
  // What it is.
  "what(?:'s|'re| is| are| was| were) ",
  'what (?:do|does|did) .*(?:mean|do|stand for|require)\\b',
  'what (?:happens|causes|changed|makes)\\b',
  '(?:the )?(?:difference|differences) between ',
  '(?:the )?(?:pros and cons|advantages|disadvantages|history|meaning|purpose) of ',
  '(?:the )?best way to ',
  // How it is done, and how it works.
  '(?:how|where) (?:to|do i|can i|should i|could i|would i|do we|can we|should we) ',
  'how (?:do|does|did) .*\\b(?:work|works|store|stores|keep|keeps|handle|handles|differ|compare)\\b',
  "how(?:'s| is| are) .*\\b(?:different|implemented|used|made|called)\\b",
  // Why, when, where, who.
  "why(?:'s| is| are| was| were| do| does| did| would| should| can| can't| isn't| aren't| doesn't| won't) ",
  'when (?:should|do|would) (?:i|we|you) ',
  'when (?:did|was|were) ',
  "where(?:'s| is| are| does| do) ",
  'who (?:invented|wrote|created|discovered|founded|made|developed|designed|painted|composed) ',
  // Opinions and advice.
  'should (?:i|we) ',
  'do (?:i|we) (?:need|have to) ',
  '(?:is|are) (?:it|this|there) (?:bad|good|ok|okay|safe|worth|considered|still|a bad|a good)\\b',
  '(?:is|are) [\\w+#.-]+ (?:a|an|the|worth|dead|safe|still|better|good|bad|slow)\\b',
  'which (?:is|one is) (?:better|best)\\b',
  'tabs or spaces',
  // What to name, and what to write.
  '(?:name|list|suggest) ',
  '(?:write|compose)(?: me)? (?:an? |some )?(?:\\w+ )?(?:haiku|poem|limerick|joke|story|song|letter|email|e-mail|toast|greeting)\\b',
  'tell me a (?:joke|story)\\b',
  '(?:translate|rephrase|reword|paraphrase|proofread) ',
  // What is written about.
  'explain |describe |define |summari[sz]e |outline |recommend |tell me (?:about|what|why|how) ',
  '(?:give|suggest)(?: me)? (?:some|a few) (?:ideas|examples|names|tips|advice)\\b',
]
  .map((beginning) => new RegExp(`^${polite}(?:${beginning})`, 'i'))
  .concat([
    // What people say to find out whether anybody is there.
    /^(?:hi|hello|hey|howdy|good (?:morning|afternoon|evening|night)|thanks|thank you|thx|bye|goodbye|ok|okay|cool|great|nice)(?: there| again| a lot| very much| everyone| all)?\W*$/i,
    /^(?:who|what) are you\W*$|^how are you(?: doing)?(?: today)?\W*$|^what can you do\W*$|^are you there\W*$/i,
    // An error message with the question after it.
    /\bwhat does (?:this|that|it) mean\W*$/i,
  ]);

const word = (alternatives: string): RegExp => new RegExp(`\\b(?:${alternatives})\\b`, 'i');

const hints: readonly RegExp[] = [
  // Numbers, formulas, money, and letters that are unknowns.
  /\d|[=^√π∑∫≤≥<>%$€£\\]|\w\s*[+*]\s*\w/,
  /(?<![\w'])[b-hj-z](?![\w'+#])/,
  word(
    'zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|' +
      'ninety|hundreds?|thousands?|millions?|billions?|dozens?|couple|pairs?|half|halves|thirds?|quarters?|fourths?|fifths?|' +
      'once|twice|thrice|doubled?|tripled?|single|both|first|second|next|previous|plus|minus|times|equals?|squared|cubed|divided',
  ),
  // Quantities, and what is asked of them.
  /\bhow (?:many|much|long|far|fast|old|tall|big|large|high|deep|heavy|often|likely|few|soon)\b/i,
  word(
    'sum|total|altogether|product of|ratio|rate|percent(?:age)?|average|mean of|median|probability|chances?|odds|likely|value|amount|number|numbers|' +
      'quantity|count|cost|costs|price|profit|change from|distance|speed|length|width|height|area|perimeter|volume|weight|weigh|age|ages|' +
      'remainder|remaining|left over|factor|factors|multiples?|divisors?|digits?|fractions?|decimal|degrees?|maximum|minimum|' +
      'greatest|smallest|least|largest|most|fewest|longest|shortest|highest|lowest|closest|each|every|only|exactly|per',
  ),
  word(
    'more|less|fewer|taller|older|younger|heavier|lighter|faster|slower|bigger|larger|smaller|greater|richer|longer|shorter|cheaper',
  ),
  word(
    "seconds?|minutes?|hours?|days?|weeks?|months?|years?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|o'clock|clock|calendar",
  ),
  word(
    'pounds?|ounces?|grams?|kilos?|kilograms?|miles?|meters?|metres?|feet|foot|inch(?:es)?|yards?|gallons?|lit(?:er|re)s?|cups?|dollars?|cents?|coins?',
  ),
  // Little stories: somebody gives, buys or loses something.
  word(
    'gives?|gave|buys?|bought|sells?|sold|eats?|ate|spends?|spent|pays?|paid|earns?|earned|shares?|shared|loses?|lost|left',
  ),
  // Commands to work something out.
  word(
    'find|compute|calculate|evaluate|solve|determine|simplify|derive|deduce|infer|prove|proof|proofs|show that|verify that|estimate|' +
      'convert|factori[sz]e|factorial|integrate|differentiate|optimi[sz]e for|maximi[sz]e|minimi[sz]e|arrange|divide|multiply|subtract|measure|' +
      'step by step|reasoning|work out|figure out|think through|trace through',
  ),
  // Mathematics.
  word(
    'equations?|integers?|primes?|irrational|polynomials?|theorem|lemma|triangles?|circles?|squares?|cubes?|rectangles?|angles?|radius|' +
      'diameter|matrix|vectors?|derivative|integral|logarithm|sine|cosine|roots?|sequence|series|set of|even|odd|divisible|infinite(?:ly)?|parity|modulo?|permutations?|combinations?|inverse|transpose|limit|solutions?',
  ),
  // Puzzles and logic: conditions, relations, things that puzzles are made of.
  word(
    'if|suppose|assume|assuming|given|unless|who said|lies|lying|liars?|truth|knights?|knaves?|puzzles?|riddles?|bridge|river|boat|fox|goose|wolf|hats?|' +
      'prisoners?|doors?|switches|bulbs?|cards?|dice|chess\\w*|dominoe?s?|sudoku|match(?:es|sticks)|fathers?|mothers?|brothers?|sisters?|sons?|daughters?|' +
      'uncles?|aunts?|cousins?|nephews?|nieces?|husbands?|wife|wives|everyone|nobody|none|all of|output of|result of|returns?|prints?',
  ),
];
