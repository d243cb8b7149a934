import type { LogOutputChannel } from 'vscode';

/**
 * The log for the messages that the language client traces, with what must not be shown taken out of them: at the level `trace` a
 * setting of a workspace can have it write whole messages, and servers have their keys in some.
 */
export function traceChannel(log: LogOutputChannel, clean: (text: string) => string): LogOutputChannel {
  return {
    name: log.name,
    get logLevel() {
      return log.logLevel;
    },
    onDidChangeLogLevel: log.onDidChangeLogLevel,
    trace: (message) => {
      log.trace(clean(message));
    },
    debug: (message) => {
      log.debug(clean(message));
    },
    info: (message) => {
      log.info(clean(message));
    },
    warn: (message) => {
      log.warn(clean(message));
    },
    error: (error) => {
      log.error(clean(String(error)));
    },
    append: (value) => {
      log.append(clean(value));
    },
    appendLine: (value) => {
      log.appendLine(clean(value));
    },
    replace: (value) => {
      log.replace(clean(value));
    },
    clear: () => {
      log.clear();
    },
    show: () => {
      log.show();
    },
    hide: () => {
      log.hide();
    },
    // The log's owner disposes it.
    dispose: () => undefined,
  };
}
