/** A grammar in GBNF of these texts and no other. Pure. */
export function choiceGrammar(choices: readonly string[]): string {
  return `root ::= ${choices.map(quoted).join(' | ')}`;
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
