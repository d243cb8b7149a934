/** A use of a function that its description shows, in Python: what is called, and what it gives. */
export interface ShownExample {
  readonly call: string;
  readonly value: string;
}

const token =
  /\s*(?:"[^"\n]*"|'[^'\n]*'|[-+]?\d+(?:\.\d+)?|\b(?:True|False|None|true|false)\b|[[\](){},:])/uy;
/** What stands between a call and its value, as in `f(1) ==> 2`, `f(1) = 2` or `f(1) should return 2`. */
const separator = /[ \t]*(?:#[ \t]*)?(?:[=-]+>|➞|→|={1,2}|(?:(?:should|will|must)[ \t]+)?returns?\b)[ \t]*/uy;
/** A value that is worked out first, as in `1 + 9 = 10`. */
const steps = /[\d \t.+*/-]+=[ \t]*/uy;
/** A value that goes on after what was read of it is not understood. */
const goesOn = /\s*[\w"'+*/=<>-]/uy;

/**
 * Reads the examples off a description that are written as a call, a sign or a word, and a value: `f(1) == 2`, `f(1) => 2`,
 * `f(1) returns 2`. Arguments and values are literals; what else a description says is passed over. Python sessions (`>>>`) are
 * not read. Pure.
 */
export function shownExamples(description: string, functionName: string): readonly ShownExample[] {
  const examples: ShownExample[] = [];
  for (const { index } of description.matchAll(new RegExp(`\\b${functionName}\\(`, 'gu'))) {
    const callEnd = literalEnd(description, index + functionName.length);
    const signEnd = callEnd === null ? null : matchEnd(separator, description, callEnd);
    if (callEnd === null || signEnd === null) continue;
    const valueStart = matchEnd(steps, description, signEnd) ?? signEnd;
    const valueEnd = literalEnd(description, valueStart);
    if (valueEnd === null || matchEnd(goesOn, lineOf(description, valueEnd), valueEnd) !== null) continue;
    examples.push({
      call: description.slice(index, callEnd),
      value: description.slice(valueStart, valueEnd).trim(),
    });
  }
  return examples;
}

/** Where the literal ends that begins at `start`: one value, or a bracket with all that is in it; null where there is none. */
function literalEnd(text: string, start: number): number | null {
  let depth = 0;
  let at = start;
  do {
    const end = matchEnd(token, text, at);
    if (end === null) return null;
    const last = text.charAt(end - 1);
    if ('([{'.includes(last)) depth += 1;
    if (')]}'.includes(last)) depth -= 1;
    if (depth < 0 || (depth === 0 && ',:'.includes(last))) return null;
    at = end;
  } while (depth > 0);
  return at;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** The text up to the end of the line that `at` is in. */
function lineOf(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return end < 0 ? text : text.slice(0, end);
}
