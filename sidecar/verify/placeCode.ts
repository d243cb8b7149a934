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

/** Puts the code of a candidate into a copy of the workspace. */
export type PlaceCode = (
  copyPath: string,
  code: CandidateCode,
  attachment: Attachment | null,
) => Promise<Placement>;

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

/** A file as it is to be in a copy of the workspace. */
interface PlacedFile {
  /** Relative to the workspace. */
  readonly path: string;
  readonly text: string;
  /** As VS Code names it. */
  readonly encoding: string;
}

/** What precedes the text in a file of each encoding that can be written. */
const marksOf: Readonly<Record<string, string>> = { utf8: '', utf8bom: '\u{feff}' };

/**
 * Puts a whole file into a copy of the workspace, whether the workspace has it on disk or not. Its folder has to be there. Never
 * writes outside the copy.
 */
export async function placeFile(copyPath: string, file: PlacedFile): Promise<Placement> {
  const mark = marksOf[file.encoding];
  if (mark === undefined) return { refusal: `${file.path} is not UTF-8` };
  const copy = await realpath(copyPath);
  const wanted = path.resolve(copy, file.path);
  let folder: string;
  try {
    folder = await realpath(path.dirname(wanted));
  } catch {
    return { refusal: `the folder of ${file.path} is not in the workspace` };
  }
  // Its real path: a link in the copy may lead out of it.
  const existing = await realpath(wanted).catch(() => null);
  const target = existing ?? path.join(folder, path.basename(wanted));
  if (!isInside(copy, target)) return { refusal: `${file.path} is outside the workspace` };
  // A link that leads nowhere yet would be followed.
  if (existing === null) await rm(target, { force: true });
  await writeFile(target, mark + file.text);
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
