import type { LogOutputChannel } from 'vscode';

/** What writes into a log, and says how much is to be written. */
export type WrittenLog = Pick<
  LogOutputChannel,
  'trace' | 'debug' | 'info' | 'warn' | 'error' | 'append' | 'appendLine' | 'replace' | 'onDidChangeLogLevel'
>;

/**
 * The log for the messages that the language client traces, with what must not be shown taken out of them: at the level `trace` a
 * setting of a workspace can have it write whole messages, and servers have their keys in some.
 */
export function traceChannel<Log extends WrittenLog>(log: Log, clean: (text: string) => string): Log {
  return {
    ...log,
    onDidChangeLogLevel: log.onDidChangeLogLevel,
    trace: (message: string) => {
      log.trace(clean(message));
    },
    debug: (message: string) => {
      log.debug(clean(message));
    },
    info: (message: string) => {
      log.info(clean(message));
    },
    warn: (message: string) => {
      log.warn(clean(message));
    },
    error: (error: string | Error) => {
      log.error(clean(String(error)));
    },
    append: (value: string) => {
      log.append(clean(value));
    },
    appendLine: (value: string) => {
      log.appendLine(clean(value));
    },
    replace: (value: string) => {
      log.replace(clean(value));
    },
  };
}
