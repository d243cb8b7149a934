import { describe, expect, it, test } from 'vitest';
import { shellFor, startDescriptor } from '../../../../sidecar/verify/commandShell.ts';

const command = 'npm test -- "a b"';

describe.each(['linux', 'darwin'] as const)('a command on %s', (platform) => {
  it('is run by a shell that leads a group, waits to be let go and bounds files', () => {
    const { program, parameters, options } = shellFor(command, {
      platform,
      diskBytes: 1_000_000,
      confined: null,
    });
    expect(program).toBe('/bin/sh');
    expect(parameters[0]).toBe('-c');
    expect(parameters[1]).toContain(`read -r go <&${startDescriptor}`);
    expect(parameters[1]).toContain('ulimit -f 1954');
    expect(parameters.at(-1)).toBe(command);
    expect(options).toEqual({ shell: false, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  });

  it('is given to the sandbox, which runs that shell', () => {
    const confined = { program: '/usr/bin/bwrap', parameters: ['--unshare-net'], environment: {} };
    const { program, parameters } = shellFor(command, { platform, diskBytes: 1, confined });
    expect(program).toBe('/usr/bin/bwrap');
    expect(parameters.slice(0, 3)).toEqual(['--unshare-net', '/bin/sh', '-c']);
  });
});

test("a command on Windows is run by the system's shell, without a window and without a group", () => {
  const { program, parameters, options } = shellFor(command, {
    platform: 'win32',
    diskBytes: 1,
    confined: null,
  });
  expect(program).toBe(command);
  expect(parameters).toEqual([]);
  expect(options).toEqual({
    shell: true,
    detached: false,
    stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
});
