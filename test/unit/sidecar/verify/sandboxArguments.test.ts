import { describe, expect, test } from 'vitest';
import { bubblewrapArguments } from '../../../../sidecar/verify/confinement/bubblewrap.ts';
import { sandboxExecProfile } from '../../../../sidecar/verify/confinement/sandboxExec.ts';
import { isShown, toolchainFolders } from '../../../../sidecar/verify/confinement/toolchainFolders.ts';

const view = {
  folder: '/tmp/copy',
  home: '/Users/me',
  scratch: { home: '/tmp/s/home', temporary: '/tmp/s/tmp', sharedMemory: '/tmp/s/shm' },
  readable: ['/Users/me/.rustup', '/Users/me/code/app/node_modules', '/opt/"odd"'],
};

describe('arguments of bubblewrap', () => {
  const text = bubblewrapArguments(view).join(' ');

  test('take everything away before they give anything back', () => {
    const order = [
      '--unshare-all',
      '--die-with-parent',
      '--cap-drop ALL',
      '--ro-bind-try /usr /usr',
      '--proc /proc',
      '--bind /tmp/s/tmp /tmp',
      '--bind /tmp/s/home /Users/me',
      '--ro-bind-try /Users/me/.rustup /Users/me/.rustup',
      '--ro-bind-try /Users/me/code/app/node_modules /Users/me/code/app/node_modules',
      '--bind /tmp/copy /tmp/copy',
      '--remount-ro /',
      '--chdir /tmp/copy',
    ];
    const places = order.map((part) => `${text} `.indexOf(`${part} `));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(text.endsWith(' --')).toBe(true);
  });

  test('make nothing writable but the copy and the scratch folders', () => {
    const writable = [...text.matchAll(/--bind (\S+)/gu)].map(([, source]) => source);
    expect(writable.sort()).toEqual(['/tmp/copy', '/tmp/s/home', '/tmp/s/shm', '/tmp/s/tmp']);
    expect(text).not.toContain('--share-net');
  });
});

// As text alone: no test here runs on macOS.
test('the profile of macOS denies network, home and writing, and then allows what a command needs', () => {
  expect(sandboxExecProfile(view).split('\n')).toEqual([
    '(version 1)',
    '(allow default)',
    '(deny network*)',
    '(deny appleevent-send)',
    '(deny lsopen)',
    '(deny job-creation)',
    '(deny file-read* (subpath "/Users/me"))',
    '(allow file-read-metadata (literal "/Users/me"))',
    '(allow file-read-metadata (literal "/Users/me/code/app"))',
    '(allow file-read-metadata (literal "/Users/me/code"))',
    '(allow file-read* (subpath "/Users/me/.rustup"))',
    '(allow file-read* (subpath "/Users/me/code/app/node_modules"))',
    '(allow file-read* (subpath "/opt/\\"odd\\""))',
    '(allow file-read* (subpath "/tmp/copy"))',
    '(allow file-read* (subpath "/tmp/s/home"))',
    '(allow file-read* (subpath "/tmp/s/tmp"))',
    '(deny file-write*)',
    '(allow file-write* (subpath "/tmp/copy"))',
    '(allow file-write* (subpath "/tmp/s/home"))',
    '(allow file-write* (subpath "/tmp/s/tmp"))',
    '(allow file-write* (literal "/dev/null"))',
    '(allow file-write* (literal "/dev/zero"))',
    '(allow file-write* (literal "/dev/tty"))',
    '(allow file-write* (literal "/dev/dtracehelper"))',
  ]);
});

describe('toolchain folders', () => {
  const shown = (searched: string, more: Readonly<Record<string, string>> = {}): readonly string[] =>
    toolchainFolders({ PATH: searched, ...more }, ['/home/me']);
  const known = shown('');

  test('are those of PATH with the libraries beside a bin, without what is within another', () => {
    const folders = shown('/tools/node/bin:/tools/node/bin/:/tools/node/bin/x:/scripts:relative::/');
    expect(folders.filter((folder) => !known.includes(folder)).sort()).toEqual([
      '/scripts',
      '/tools/node/bin',
      '/tools/node/include',
      '/tools/node/lib',
      '/tools/node/lib64',
      '/tools/node/libexec',
      '/tools/node/share',
    ]);
  });

  test('do not include what else is beside a bin', () => {
    const folders = shown('/data/bin:/srv/sbin');
    const isVisible = (place: string): boolean =>
      folders.some((folder) => place === folder || place.startsWith(`${folder}/`));
    expect(['/data', '/data/secrets', '/srv/www'].filter(isVisible)).toEqual([]);
    expect(isVisible('/data/bin/tool')).toBe(true);
  });

  test.each([
    ['the home', '/home/me'],
    ['what is above the home', '/home'],
    ['a bin of the home, with the home beside it', '/home/me/bin'],
    ['programs beside credentials', '/home/me/.cargo/bin:/home/me/.local/bin:/home/me/go/bin'],
  ])('never show %s', (_, searched) => {
    const folders = shown(searched);
    for (const hidden of ['/', '/home', '/home/me', '/home/me/.cargo', '/home/me/.local', '/home/me/go'])
      expect(folders).not.toContain(hidden);
  });

  test('know a home by all its paths', () => {
    const homes = ['/var/home/me', '/home/me'];
    const folders = toolchainFolders({ PATH: '/home/me/bin:/home/me/.local/bin' }, homes);
    expect(folders).toEqual(expect.arrayContaining(['/home/me/bin', '/home/me/.local/bin']));
    expect(folders.filter((folder) => !isShown(folder, homes))).toEqual([]);
    expect(isShown('/home/me', homes)).toBe(false);
  });

  test('are those that variables name', () => {
    expect(shown('', { JAVA_HOME: '/jdk/', VIRTUAL_ENV: '/home/me/app/.venv' })).toEqual(
      expect.arrayContaining(['/jdk', '/home/me/app/.venv']),
    );
  });
});
