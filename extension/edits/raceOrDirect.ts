import type { EditKind, EditParams } from '../../protocol/edit.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';

/** Kinds whose result a test can judge: comments pass any, and tests are what would judge. */
const testedKinds: ReadonlySet<EditKind> = new Set(['edit', 'fix']);

/**
 * How an edit is written: by programs that race where the user's test command can choose among them, unless the strategy is `direct`;
 * else by one direct program. The settings have no command in a workspace that is not trusted. Pure.
 */
export function raceOrDirect(
  kind: EditKind,
  {
    strategy,
    verifyCommand,
    workspaceFolder,
  }: Pick<SidecarSettings, 'strategy' | 'verifyCommand'> & {
    /** That the document belongs to, of which the command gets a copy; null for a file outside. */
    readonly workspaceFolder: string | null;
  },
): Pick<EditParams, 'strategy'> {
  const canTest = verifyCommand.trim() !== '' && workspaceFolder !== null;
  const races = strategy !== 'direct' && canTest && testedKinds.has(kind);
  return races ? { strategy: 'directBestOfN' } : {};
}
