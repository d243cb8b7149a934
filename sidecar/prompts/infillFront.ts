import type { FileTokens, Model, TokenId } from '../engine/engine.ts';

/** Text of another file, with the path that a prompt names it by. */
export interface PromptFile {
  readonly path: string;
  readonly text: string;
}

/** What comes before the two sides of a cursor in a prompt: parts of other files, in the tokens of the model's family. */
export interface InfillFront {
  readonly before: readonly TokenId[];
  /** Goes before the text before the cursor, after its marker. */
  readonly insidePrefix: readonly TokenId[];
}

export const emptyFront: InfillFront = { before: [], insidePrefix: [] };

/**
 * Other files as the model's family was trained to see them. Empty where there are none, and for a family without tokens for
 * files. The files' text is tokenized as text: control tokens written in it stay letters.
 */
export async function infillFront(
  model: Pick<Model, 'info' | 'tokenize'>,
  {
    repository,
    files,
    ownPath,
  }: {
    readonly repository: string;
    readonly files: readonly PromptFile[];
    /** Path of the file that the cursor is in. */
    readonly ownPath: string;
  },
): Promise<InfillFront> {
  const markers = model.info.infill?.files ?? null;
  if (markers === null || files.length === 0) return emptyFront;
  const tokenize = (text: string): Promise<readonly TokenId[]> => model.tokenize(text, { special: false });
  const before: TokenId[] = [];
  if (markers.repository !== null) {
    before.push(markers.repository, ...(await tokenize(`${repository}${markers.repositoryEnd}`)));
  }
  for (const [index, { path, text }] of files.entries()) {
    if (isMarked(markers, index)) before.push(markers.file);
    before.push(...(await tokenize(`${path}\n${text.endsWith('\n') ? text : `${text}\n`}`)));
  }
  before.push(markers.file);
  const path = await tokenize(`${ownPath}\n`);
  return markers.ownPath === 'insidePrefix'
    ? { before, insidePrefix: path }
    : { before: [...before, ...path], insidePrefix: [] };
}

function isMarked({ marks }: FileTokens, index: number): boolean {
  return marks === 'each' || index > 0;
}
