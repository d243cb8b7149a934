import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import { asksForCode } from '../../sidecar/prompts/codeRequest.ts';
import { hasNothingToCompute } from '../../sidecar/prompts/nothingToCompute.ts';
import { markdownTable } from '../calibrate/markdownTable.ts';

/** How many questions of a file the rules on words catch. */
export interface RuleCounts {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly questions: number;
  readonly nothingToCompute: number;
  readonly asksForCode: number;
}

/**
 * Counts over a file's questions: a JSON list of texts, or JSON Lines with a `question` or a `prompt`. Null for a file of
 * another form. Pure.
 */
export function countRules(name: string, text: string): RuleCounts | null {
  const questions = questionsOf(text);
  if (questions.length === 0) return null;
  return {
    name,
    sha256: createHash('sha256').update(text).digest('hex'),
    questions: questions.length,
    nothingToCompute: questions.filter(hasNothingToCompute).length,
    asksForCode: questions.filter(asksForCode).length,
  };
}

/** Counts of the question files of these paths, a folder's `.jsonl` files in the order of their names. */
export async function readRuleCounts(paths: readonly string[]): Promise<readonly RuleCounts[]> {
  const files = await Promise.all(paths.map(filesOf));
  const counts = await Promise.all(
    files.flat().map(async (file) => countRules(path.basename(file), await readFile(file, 'utf8'))),
  );
  return counts.filter((one) => one !== null);
}

/** The counts as a Markdown table. Pure. */
export function ruleTable(counts: readonly RuleCounts[]): readonly string[] {
  return markdownTable(
    ['set', 'SHA-256', 'questions', 'nothing to compute', 'ask for code'],
    counts.map((one) => [
      `\`${one.name}\``,
      `\`${one.sha256.slice(0, 12)}\``,
      String(one.questions),
      String(one.nothingToCompute),
      String(one.asksForCode),
    ]),
  );
}

async function filesOf(fileOrFolder: string): Promise<readonly string[]> {
  if (/\.jsonl?$/u.test(fileOrFolder)) return [fileOrFolder];
  const names = await readdir(fileOrFolder);
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => path.join(fileOrFolder, name));
}

function questionsOf(text: string): readonly string[] {
  if (text.trimStart().startsWith('[')) {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
  }
  return text.split('\n').flatMap((line) => {
    const value: unknown = line.trim() === '' ? null : JSON.parse(line);
    const question = isRecord(value) ? (value['question'] ?? value['prompt']) : undefined;
    return typeof question === 'string' ? [question] : [];
  });
}
