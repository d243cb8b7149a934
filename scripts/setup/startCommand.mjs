/** Options of the command line that take no value; a test holds the list against its help. */
const switches = ['--help', '-h', '--json', '--log', '--memory', '--skip-preamble', '--steady-answers'];

/** Commands that may be named, though what follows says which it is. */
const ownCommands = ['ask', 'complete', 'demo'];

/**
 * What `npm start` runs: without a question the demo, with one that, with a file a completion there. The question
 * may stand among options.
 *
 * @param {readonly string[]} args
 * @returns {readonly string[]} arguments of the command line
 */
export function startCommand(args) {
  if (ownCommands.includes(args[0] ?? '')) return args;
  if (args.some((arg) => arg === '--file' || arg.startsWith('--file='))) return ['complete', ...args];
  return [hasPositional(args) ? 'ask' : 'demo', ...args];
}

function hasPositional(args) {
  return args.some((arg, index) => {
    if (arg.startsWith('-')) return arg === '--' && index < args.length - 1;
    const before = args[index - 1] ?? '';
    const isValue = before.startsWith('-') && !before.includes('=') && !switches.includes(before);
    return !isValue;
  });
}
