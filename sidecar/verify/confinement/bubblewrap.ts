import type { SandboxView } from './sandbox.ts';

/** What programs need of a Linux system: itself, its configuration, and where some distributions keep their packages. */
const systemFolders: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  // Nix and Guix.
  '/nix',
  '/gnu',
  '/run/current-system',
  // How many processors there are.
  '/sys/devices/system',
];

/**
 * Arguments of `bwrap`, up to the command itself. The command sees the system and what it may read, both read-only, and
 * writes into its folder and its scratch folders alone. It has no network but a loopback of its own, no home, no other
 * process, no capability, and ends with its parent. Mounts are made in this order, so a later one covers an earlier one. Pure.
 */
export function bubblewrapArguments({ folder, home, scratch, readable }: SandboxView): readonly string[] {
  return [
    '--unshare-all',
    '--die-with-parent',
    // Root would keep them, and could make mounts writable again.
    ...['--cap-drop', 'ALL'],
    ...systemFolders.flatMap((place) => ['--ro-bind-try', place, place]),
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...['--bind', scratch.sharedMemory, '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--bind', scratch.temporary, '/tmp'],
    ...['--symlink', '/tmp', '/var/tmp'],
    ...['--bind', scratch.home, home],
    ...readable.flatMap((place) => ['--ro-bind-try', place, place]),
    ...['--bind', folder, folder],
    ...['--remount-ro', '/'],
    ...['--chdir', folder],
    '--',
  ];
}
