import type { ErrorCode } from '../../protocol/codedError.ts';
import type { CommandId } from './commandIds.ts';

export interface Remedy {
  readonly command: CommandId;
  /** On the button. */
  readonly title: string;
}

const chooseModel: Remedy = { command: 'entropane.chooseModel', title: 'Choose Model' };
const fetchModel: Remedy = { command: 'entropane.fetchModel', title: 'Fetch Model' };
const addServer: Remedy = { command: 'entropane.addServer', title: 'Add Server' };
const restart: Remedy = { command: 'entropane.restartEngine', title: 'Restart Engine' };
const showLog: Remedy = { command: 'entropane.showLog', title: 'Show Log' };

const remedies: Readonly<Partial<Record<ErrorCode, Remedy>>> = {
  'completion.unsupported': chooseModel,
  'download.corrupt': fetchModel,
  'download.failed': fetchModel,
  'engine.failed': showLog,
  'library.incompatible': showLog,
  'library.missing': showLog,
  'memory.insufficient': chooseModel,
  'model.missing': fetchModel,
  'model.quarantined': chooseModel,
  'model.tooWeak': chooseModel,
  'model.unreadable': chooseModel,
  'model.unsupported': chooseModel,
  'server.otherModel': addServer,
  'server.refused': addServer,
  'server.unknown': addServer,
  'server.unreachable': chooseModel,
  'sidecar.gone': restart,
};

/** The command that does what an error's remedy says, or null where only the user can. */
export function remedyFor(code: ErrorCode): Remedy | null {
  return remedies[code] ?? null;
}
