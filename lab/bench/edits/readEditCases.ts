import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { type EditCase, editLanguages, parseEditCase } from './editCase.ts';

/** Where the cases are in a checkout or an installed package. */
export function editCasesFolder(packageFolder: string): string {
  return join(packageFolder, 'lab', 'bench', 'edits', 'cases');
}

/**
 * All cases of a folder, in an order that mixes languages and kinds and that a new case does not change, so that the first few
 * are a sample. Throws `parameter.invalid` for a folder or a case that cannot be read.
 */
export async function readEditCases(folder: string): Promise<readonly EditCase[]> {
  const cases: EditCase[] = [];
  for (const language of editLanguages) {
    const names = await readdir(join(folder, language)).catch((cause: unknown) => {
      throw new CodedError(
        'parameter.invalid',
        `There are no edit cases in ${join(folder, language)}.`,
        'Run the bench from a checkout, or from the whole package.',
        { cause },
      );
    });
    for (const name of names.filter((name) => name.endsWith('.md'))) {
      const text = await readFile(join(folder, language, name), 'utf8');
      cases.push(parseEditCase(`${language}/${name.slice(0, -'.md'.length)}`, text.replaceAll('\r\n', '\n')));
    }
  }
  const places = new Map(cases.map(({ id }) => [id, createHash('sha256').update(id).digest('hex')]));
  const placeOf = ({ id }: EditCase): string => places.get(id) ?? '';
  return cases.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}
