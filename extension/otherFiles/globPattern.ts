/** Characters that mean something in a regular expression and nothing in a glob. */
const literal = /[\\^$.|+()]/;

/**
 * The regular expression of a glob of `files.exclude`, for a path in the workspace with `/` between its parts: `**`, `*`, `?`,
 * `{a,b}` and `[…]`. It matches what is in a folder that the glob names, too. Null for a glob that is none. Pure.
 */
export function globPattern(glob: string): RegExp | null {
  let pattern = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const rest = glob.slice(at);
    const character = glob.charAt(at);
    if (rest.startsWith('**/')) {
      pattern += '(?:.*/)?';
      at += 2;
    } else if (rest.startsWith('**')) {
      pattern += '.*';
      at += 1;
    } else if (character === '*') pattern += '[^/]*';
    else if (character === '?') pattern += '[^/]';
    else if (character === '{') {
      pattern += '(?:';
      depth += 1;
    } else if (character === '}' && depth > 0) {
      pattern += ')';
      depth -= 1;
    } else if (character === ',' && depth > 0) pattern += '|';
    else if (character === '[' && rest.includes(']')) {
      const end = glob.indexOf(']', at);
      pattern += `[${glob
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      at = end;
    } else pattern += literal.test(character) || '{}[]'.includes(character) ? `\\${character}` : character;
  }
  try {
    return new RegExp(`^${pattern}(?:/.*)?$`, 'u');
  } catch {
    return null;
  }
}

/** Whether a path in the workspace is hidden by globs that are switched on. Pure. */
export function isExcluded(path: string, globs: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(globs).some(([glob, value]) => {
    // A condition on another file, as in `{"when": "$(basename).ts"}`, is taken to be met: rather one file fewer.
    const isOn = value === true || (typeof value === 'object' && value !== null);
    return isOn && globPattern(glob)?.test(path) === true;
  });
}
