import type { ChildProcess } from 'node:child_process';

export interface EditorServerOptions {
  /** Node and entry script of a code-server. */
  readonly rig: { readonly node: string; readonly entry: string };
  /** Folder for settings, extensions and logs; made where it is missing. */
  readonly profile: string;
  readonly vsix: string;
  readonly workspace: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Added to this process's environment; reaches the extension. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface EditorServer {
  /** Opens the workspace. */
  readonly url: string;
  readonly process: ChildProcess;
}

export function startEditorServer(options: EditorServerOptions): Promise<EditorServer>;
