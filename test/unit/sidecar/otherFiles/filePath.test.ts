import { expect, it } from 'vitest';
import {
  folderOf,
  isUsedScheme,
  moduleName,
  promptPath,
  repositoryName,
} from '../../../../sidecar/otherFiles/filePath.ts';

it.each([
  ['file:///home/a.ts', true],
  ['untitled:Untitled-1', true],
  ['vscode-notebook-cell:/n.ipynb#W0', true],
  ['vscode-vfs://github/x/a.ts', false],
  ['git:/a.ts', false],
  ['output:tasks', false],
  ['no-scheme', false],
])('parts of %s are used: %s', (uri, isUsed) => {
  expect(isUsedScheme(uri)).toBe(isUsed);
});

it.each([
  ['file:///home/me/shop/src/cart.ts', 'file:///home/me/shop', 'src/cart.ts'],
  ['file:///home/me/shop/src/my%20cart.ts', 'file:///home/me/shop/', 'src/my cart.ts'],
  ['file:///home/me/shopping/cart.ts', 'file:///home/me/shop', 'cart.ts'],
  ['file:///home/me/shop/note.ipynb#W1', 'file:///home/me/shop', 'note.ipynb'],
  ['file:///home/me/100%/cart.ts', null, 'cart.ts'],
])('names %s of %s as %s', (uri, workspace, path) => {
  expect(promptPath(uri, workspace)).toBe(path);
});

it('names repositories, folders and modules', () => {
  expect(repositoryName('file:///home/me/my%20shop/')).toBe('my shop');
  expect(repositoryName(null)).toBe('project');
  expect(folderOf('file:///a/b/c.ts')).toBe('file:///a/b/');
  expect(moduleName('file:///a/b/c.test.ts')).toBe('c.test');
  expect(moduleName('file:///a/shapes/index.ts')).toBe('shapes');
});
