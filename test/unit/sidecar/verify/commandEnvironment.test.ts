import { describe, expect, test, vi } from 'vitest';
import { passedEnvironment, sandboxEnvironment } from '../../../../sidecar/verify/commandEnvironment.ts';
import { runBounded } from '../../../../sidecar/verify/boundedCommand.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { ampleLimits } from '../../../support/machine/ampleLimits.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { asHere, unconfined } from '../../../support/verify/isolation.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

/** Names as they are found in the environments of editors. */
const secrets = [
  'MY_SERVICE_TOKEN',
  'GITHUB_TOKEN',
  'OPENAI_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'DATABASE_URL',
  'PGPASSWORD',
  'npm_config__authToken',
  'NPM_CONFIG_REGISTRY',
  'CARGO_REGISTRY_TOKEN',
  'GOPROXY',
  'HTTPS_PROXY',
  'SSH_AUTH_SOCK',
  'NODE_OPTIONS',
  'ELECTRON_RUN_AS_NODE',
  'BASH_ENV',
  'LC_SECRET',
];

describe.skipIf(process.platform === 'win32').each([
  ['without a sandbox', unconfined],
  ['in the sandbox of this machine, where it has one', asHere],
])('a command %s', (_, isolation) => {
  test('sees no secret of this process, and what its tools need', async () => {
    await using folder = await temporaryFolder();
    for (const name of secrets) vi.stubEnv(name, 'canary');
    vi.stubEnv('LC_TIME', 'C');
    const options = {
      folder: folder.path,
      limits: ampleLimits,
      environment: { GIVEN: 'so it is' },
      isolation,
      clock: systemClock,
    };
    const { output } = await runBounded('env', options, unhurried);
    expect(output).not.toContain('canary');
    expect(output.split('\n')).toEqual(
      expect.arrayContaining([`PATH=${process.env['PATH'] ?? ''}`, 'LC_TIME=C', 'GIVEN=so it is']),
    );
  });
});

test('passes variables by name, on Windows in whatever case', () => {
  const source = { Path: 'p', path: 'q', PATH: 'r', systemroot: 's', TOKEN: 't', TZ: undefined };
  expect(passedEnvironment(source, 'linux')).toEqual({ PATH: 'r' });
  expect(passedEnvironment(source, 'win32')).toEqual({ Path: 'p', path: 'q', PATH: 'r', systemroot: 's' });
});

describe('in a sandbox', () => {
  const view = {
    home: '/home/me',
    scratch: { home: '/t/home', temporary: '/t/tmp', sharedMemory: '/t/shm' },
  };

  test('of bubblewrap the home has its own path, and tools know that there is no network', () => {
    const environment = sandboxEnvironment(
      { PATH: '/bin', HOME: '/else', TMPDIR: '/else' },
      'bubblewrap',
      view,
    );
    expect(environment).toMatchObject({ PATH: '/bin', HOME: '/home/me', TMPDIR: '/tmp', GOPROXY: 'off' });
  });

  test('of macOS the home is another, and toolchains are named where the user has not', () => {
    const environment = sandboxEnvironment({ PYENV_ROOT: '/opt/pyenv' }, 'sandboxExec', view);
    expect(environment).toMatchObject({
      HOME: '/t/home',
      TMPDIR: '/t/tmp',
      PYENV_ROOT: '/opt/pyenv',
      RUSTUP_HOME: '/home/me/.rustup',
    });
  });
});
