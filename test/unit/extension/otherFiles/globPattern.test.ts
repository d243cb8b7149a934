import { expect, it } from 'vitest';
import { globPattern, isExcluded } from '../../../../extension/otherFiles/globPattern.ts';

it.each([
  ['**/.git', '.git/config', true],
  ['**/.git', 'sub/.git', true],
  ['**/.git', 'sub/.gitignore', false],
  ['**/*.js', 'src/a.js', true],
  ['**/*.js', 'src/a.ts', false],
  ['out', 'out/a.ts', true],
  ['out', 'src/out/a.ts', false],
  ['*.{pem,key}', 'server.key', true],
  ['*.{pem,key}', 'keys/server.key', false],
  ['secret?.txt', 'secret1.txt', true],
  ['secret[0-9].txt', 'secretx.txt', false],
  ['a+b(c)', 'a+b(c)', true],
  ['src/**/gen', 'src/a/b/gen/x.ts', true],
])('%s hides %s: %s', (glob, path, isHidden) => {
  expect(globPattern(glob)?.test(path)).toBe(isHidden);
});

it('takes a glob that makes no sense for none', () => {
  expect(globPattern('[z-a]')).toBeNull();
});

it('goes by the globs that are switched on, and takes a condition for met', () => {
  const globs = { '**/*.js': { when: '$(basename).ts' }, '**/private': true, '**/public': false };
  expect(['a.js', 'private/a.ts', 'public/a.ts'].map((path) => isExcluded(path, globs))).toEqual([
    true,
    true,
    false,
  ]);
});
