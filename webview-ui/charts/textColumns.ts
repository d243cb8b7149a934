const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const zeroWidth = /\p{Mark}|\p{Default_Ignorable_Code_Point}/u;
const onlyNarrow = /^[\x20-\x7e]*$/;

/** Monospace cells that a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function textColumns(text: string): number {
  if (onlyNarrow.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += characterColumns(character);
  return columns;
}

/** Splits a text into pieces of at most `columns` cells, at least one character each. */
export function splitByColumns(text: string, columns: number): readonly string[] {
  if (textColumns(text) <= columns) return [text];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const character of text) {
    const width = characterColumns(character);
    if (used + width > columns && part !== '') {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += character;
    used += width;
  }
  parts.push(part);
  return parts;
}

function characterColumns(character: string): number {
  if (wide.test(character)) return 2;
  return zeroWidth.test(character) ? 0 : 1;
}
