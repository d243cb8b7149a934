import { readFile } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import type { ModelInfo } from '../../../sidecar/engine/engine.ts';
import { readOnnxMetadata } from '../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import {
  probeMetadataKeys,
  probePath,
  probeRefusal,
  questionMark,
} from '../../../sidecar/reasoning/difficulty/probe.ts';
import type { Question } from './questionSet.ts';

/**
 * Throws `parameter.invalid` where a model's probe was fitted to one of the questions: it tells the classes of those apart
 * better than of any it will meet, and what is measured on them promises too much.
 */
export async function requireUnseen(
  questions: readonly Question[],
  probeFolders: readonly string[],
  info: ModelInfo,
): Promise<void> {
  const known = await seenQuestions(questions, probeFolders, info);
  const [first] = known;
  if (first === undefined) return;
  throw new CodedError(
    'parameter.invalid',
    `The probe of ${info.identity.name} was fitted to ${known.length} of these questions, such as ${first.id}: a table written on them would promise too much.`,
    'Begin after those with --from, or take another set.',
  );
}

/** Those of the questions that a model's probe was fitted to. */
export async function seenQuestions(
  questions: readonly Question[],
  probeFolders: readonly string[],
  info: ModelInfo,
): Promise<readonly Question[]> {
  const seen = await trainingMarks(probeFolders, info);
  return questions.filter(({ hash }) => seen.has(questionMark(hash)));
}

/** Marks of the probe that serves: the first that is not refused. */
async function trainingMarks(probeFolders: readonly string[], info: ModelInfo): Promise<ReadonlySet<string>> {
  for (const folder of probeFolders) {
    const bytes = await readFile(probePath(folder, info)).catch(() => null);
    if (bytes === null || probeRefusal(bytes, info) !== null) continue;
    const marks = readOnnxMetadata(bytes)?.get(probeMetadataKeys.trainingQuestions) ?? '';
    return new Set(marks.split(' ').filter((mark) => mark !== ''));
  }
  return new Set();
}
