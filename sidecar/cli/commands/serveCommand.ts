import { serveStdio } from '../../entry/serveStdio.ts';
import { defineCommand, UsageError } from '../command.ts';

export const serveCommand = defineCommand({
  name: 'serve',
  summary:
    'Be a language server on standard input and output, for any editor with LSP 3.18 inline completion',
  usage: 'serve',
  options: {
    stdio: { type: 'boolean', description: 'Accepted for editors that pass it; there is no other way' },
  },
  run: ({ positionals }) => {
    if (positionals.length > 0) throw new UsageError('"serve" takes no arguments.');
    serveStdio(process, __dirname);
    // The server ends the process itself, when its client says so or goes away.
    return new Promise(() => undefined);
  },
});
