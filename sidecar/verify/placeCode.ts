import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Attachment } from '../../protocol/attachment.ts';
import { extensionOf } from './codeLanguage.ts';

/** Code that a candidate wrote. */
export interface CandidateCode {
  readonly text: string;
  /** As its block names it, else as the attachment does; empty where neither says. */
  readonly languageId: string;
}

/** Where the code lies in the copy, or why it could not be put there, as a clause. */
export type Placement = { readonly path: string } | { readonly refusal: string };

/**
 * Puts a candidate's code into a copy of the workspace: in place of the code that the question was about, where that
 * is in its file exactly once, else as a file of its own in the top folder. Never writes outside the copy.
 */
export async function placeCode(
  copyPath: string,
  code: CandidateCode,
  attachment: Attachment | null,
): Promise<Placement> {
  if (attachment === null) {
    const target = path.join(copyPath, `entropane-candidate${extensionOf(code.languageId)}`);
    // A link of that name may lead out of the copy.
    await rm(target, { recursive: true, force: true });
    await writeFile(target, code.text.endsWith('\n') ? code.text : `${code.text}\n`, { flag: 'wx' });
    return { path: target };
  }
  let target: string;
  let text: string;
  try {
    target = await realpath(path.resolve(copyPath, attachment.path));
    text = await readFile(target, 'utf8');
  } catch {
    return { refusal: `${attachment.path} is not in the workspace` };
  }
  // Its real path: a link in the copy may lead out of it.
  if (!isInside(await realpath(copyPath), target))
    return { refusal: `${attachment.path} is outside the workspace` };
  const places = text.split(attachment.text).length - 1;
  if (attachment.text === '' || places !== 1)
    return {
      refusal: `the code asked about is not in ${attachment.path} as it is on disk, or more than once`,
    };
  // A replacement function, since a replacement text would have its dollar signs interpreted.
  await writeFile(
    target,
    text.replace(attachment.text, () => withLineEndOf(attachment.text, code.text)),
  );
  return { path: target };
}

/** Ends as the code ended that it takes the place of. */
function withLineEndOf(before: string, code: string): string {
  return code.replace(/\n+$/u, '') + (/\n+$/u.exec(before)?.[0] ?? '');
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}
