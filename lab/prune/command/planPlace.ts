import { access, constants, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import { outputError } from '../outputError.ts';
import { replaceFile } from '../../../sidecar/storage/replaceFile.ts';
import { encodePlan, parsePlan } from '../planFile.ts';
import type { PrunePlan } from '../prunePlan.ts';

/** No plan is larger. */
const maxPlanBytes = 1 << 20;

/**
 * Whether an earlier plan stands where one is to be kept; it will be replaced. Throws `parameter.invalid` where anything
 * else stands there, or the folder cannot be written.
 */
export async function holdsEarlierPlan(planPath: string): Promise<boolean> {
  try {
    await access(path.dirname(planPath), constants.W_OK);
    const { size } = await stat(planPath);
    if (size > maxPlanBytes) throw otherFile(planPath);
    parsePlan(await readFile(planPath, 'utf8'), planPath);
    return true;
  } catch (thrown) {
    if (thrown instanceof CodedError) throw otherFile(planPath, thrown);
    if (isAbsent(thrown) && (await isFolder(path.dirname(planPath)))) return false;
    throw outputError(thrown, planPath);
  }
}

/** Writes the plan whole, or leaves what was there. Throws as `outputError` says. */
export async function keepPlan(planPath: string, plan: PrunePlan): Promise<void> {
  try {
    await replaceFile(planPath, encodePlan(plan));
  } catch (thrown) {
    throw outputError(thrown, planPath);
  }
}

function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function otherFile(planPath: string, cause?: unknown): CodedError {
  return new CodedError(
    'parameter.invalid',
    `${planPath} exists and holds no plan, so it is left as it is.`,
    'Give another file for the plan, or remove that one first.',
    { cause },
  );
}
