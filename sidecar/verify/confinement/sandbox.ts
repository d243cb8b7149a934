import type { Confinement } from '../../../protocol/traceEvent.ts';

/** What this machine can confine a command with. */
export type Sandbox =
  | { readonly kind: 'bubblewrap'; readonly program: string }
  | { readonly kind: 'sandboxExec'; readonly program: string }
  | {
      readonly kind: 'none';
      /** One sentence. */
      readonly why: string;
      /** One sentence: what the user can do about it. */
      readonly remedy: string;
    };

/** What keeps a command apart from the user's machine and from the process that runs it. */
export interface Isolation {
  /** Cheap from the second call on. Never rejects. */
  readonly sandbox: () => Promise<Sandbox>;
  /**
   * `commandGuard.cjs`, which ends a command when the process that runs it dies. Bubblewrap does that by itself. Null
   * leaves such a command running.
   */
  readonly guardFile: string | null;
}

/** What a sandbox shows of the machine. All paths are absolute and real. */
export interface SandboxView {
  /** The command's working folder, which it may change. */
  readonly folder: string;
  /** The user's home, which it does not see. */
  readonly home: string;
  /** Empty folders of this command's own, in place of the machine's. */
  readonly scratch: {
    readonly home: string;
    readonly temporary: string;
    readonly sharedMemory: string;
  };
  /** What it may read and not change, besides the system: toolchains and installed packages. */
  readonly readable: readonly string[];
}

/** A sandbox in the words of the trace. Pure. */
export function confinementOf(sandbox: Sandbox): Confinement {
  return sandbox.kind === 'none'
    ? { kind: 'none', why: `${sandbox.why} ${sandbox.remedy}` }
    : { kind: sandbox.kind };
}
