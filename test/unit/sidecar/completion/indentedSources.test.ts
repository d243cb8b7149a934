import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inDocumentIndent } from '../../../../sidecar/completion/indentation.ts';
import { leadOf } from '../../../../protocol/leadOf.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';

const folder = 'sidecar/completion';
const read = await shippedShapes.of('typescript');
const longestBlock = 12;
const mark = '‸';

interface Block {
  readonly name: string;
  /** The file without the block's lines, the cursor at the end of the line above. */
  readonly document: string;
  readonly text: string;
}

/** Some blocks of a file, with the lines that close them. Members of unions are aligned with their marks, whatever the unit. */
function blocksOf(name: string, source: string): readonly Block[] {
  const lines = source.split('\n');
  return lines.flatMap((line, index) => {
    const below = lines[index + 1] ?? '';
    if (
      index % 7 > 0 ||
      !/[{[(]$/.test(line) ||
      /^\s*\| /.test(line) ||
      leadOf(below).length <= leadOf(line).length
    )
      return [];
    const end = lines.findIndex((other, at) => at > index && other !== '' && leadOf(other) === leadOf(line));
    if (end < 0 || end - index > longestBlock) return [];
    const before = lines.slice(0, index + 1).join('\n');
    const after = lines.slice(end + 1).join('\n');
    return [
      {
        name: `${name}:${index + 1}`,
        document: `${before}${mark}\n${after}`,
        text: `\n${lines.slice(index + 1, end + 1).join('\n')}`,
      },
    ];
  });
}

/** Blanks by twos written as another unit; what is over stays. */
function withUnit(text: string, unit: string): string {
  return text.replaceAll(/^(?: {2})+/gm, (blanks) => unit.repeat(blanks.length / 2));
}

const names = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
const sources = await Promise.all(
  names.map(async (name) => ({ name, source: await readFile(join(folder, name), 'utf8') })),
);
const units = { 'two blanks': '  ', 'four blanks': '    ', tabs: '\t' };
const pairs = Object.keys(units).flatMap((file) => Object.keys(units).map((text) => [file, text] as const));

it.each(pairs)(
  'blocks of this program, in files of %s, have the unit when written in %s',
  (file, written) => {
    const [unit, other] = [units[file as keyof typeof units], units[written as keyof typeof units]];
    const blocks = sources.flatMap(({ name, source }) => blocksOf(name, source));
    expect(blocks.length).toBeGreaterThan(25);
    for (const { name, document, text } of blocks) {
      const place = placeAt(withUnit(document, unit), { mark, languageId: 'typescript', read });
      const indented = inDocumentIndent(withUnit(text, other), place).text;
      expect({ name, text: indented }).toEqual({ name, text: withUnit(text, unit) });
    }
  },
);
