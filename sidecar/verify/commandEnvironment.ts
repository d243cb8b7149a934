import type { Sandbox, SandboxView } from './confinement/sandbox.ts';

interface PassedVariables {
  readonly names: readonly string[];
  readonly why: string;
}

/**
 * Every variable that a test command gets from this process's environment, by its full name. Whatever else is set stays
 * here: tokens, keys, passwords, proxies and registries with credentials in their addresses (`*_TOKEN`, `AWS_*`,
 * `npm_config_*`, `HTTP_PROXY`, `GOPROXY`), agents (`SSH_AUTH_SOCK`), displays, and what changes how programs start
 * (`NODE_OPTIONS`, `ELECTRON_RUN_AS_NODE`, `BASH_ENV`). A test that needs one gets it in the command: `NAME=value npm test`.
 */
const passed: readonly PassedVariables[] = [
  { names: ['PATH'], why: 'finds programs' },
  {
    names: ['HOME', 'USER', 'LOGNAME', 'SHELL'],
    why: 'most tools ask who runs them, and where they may write',
  },
  { names: ['TMPDIR', 'TMP', 'TEMP'], why: 'the temporary folder' },
  { names: ['LANG', 'LANGUAGE', 'TZ'], why: 'language, encoding and time zone of what tests print' },
  {
    names: ['LC_ALL', 'LC_COLLATE', 'LC_CTYPE', 'LC_MESSAGES', 'LC_MONETARY', 'LC_NUMERIC', 'LC_TIME'],
    why: 'the same, one by one',
  },
  { names: ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR'], why: 'how output is coloured' },
  { names: ['CI'], why: 'runners of tests then neither wait for keys nor write snapshots' },
  {
    names: ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE'],
    why: 'files with the certificates that are trusted',
  },
  { names: ['NODE_ENV', 'NODE_PATH'], why: 'Node' },
  { names: ['NVM_DIR', 'NVM_BIN', 'VOLTA_HOME', 'FNM_DIR', 'PNPM_HOME'], why: 'versions of Node' },
  { names: ['VIRTUAL_ENV', 'CONDA_PREFIX', 'CONDA_DEFAULT_ENV'], why: 'the chosen environment of Python' },
  { names: ['PYENV_ROOT', 'PYENV_VERSION'], why: 'versions of Python' },
  {
    names: [
      'PYTHONPATH',
      'PYTHONHASHSEED',
      'PYTHONIOENCODING',
      'PYTHONUTF8',
      'PYTHONUNBUFFERED',
      'PYTHONDONTWRITEBYTECODE',
    ],
    why: 'how Python finds modules and behaves',
  },
  { names: ['CARGO_HOME', 'RUSTUP_HOME', 'RUSTUP_TOOLCHAIN', 'RUSTFLAGS', 'RUST_BACKTRACE'], why: 'Rust' },
  {
    names: ['GOROOT', 'GOPATH', 'GOCACHE', 'GOMODCACHE', 'GOFLAGS', 'GOTOOLCHAIN', 'CGO_ENABLED'],
    why: 'Go',
  },
  { names: ['JAVA_HOME', 'MAVEN_HOME', 'M2_HOME', 'GRADLE_HOME'], why: 'Java' },
  { names: ['DOTNET_ROOT', 'DOTNET_NOLOGO', 'DOTNET_CLI_TELEMETRY_OPTOUT'], why: '.NET' },
  { names: ['GEM_HOME', 'GEM_PATH', 'RBENV_ROOT', 'RBENV_VERSION'], why: 'Ruby' },
  { names: ['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS'], why: 'compilers of C and C++' },
  {
    names: ['CPATH', 'LIBRARY_PATH', 'LD_LIBRARY_PATH', 'PKG_CONFIG_PATH'],
    why: 'where compilers and programs find libraries',
  },
];

/** Also on Windows, where names have no case. */
const passedOnWindows: readonly PassedVariables[] = [
  {
    names: ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'OS'],
    why: 'programs start with them',
  },
  { names: ['USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'USERNAME'], why: 'what HOME and USER are elsewhere' },
  { names: ['APPDATA', 'LOCALAPPDATA', 'ProgramData', 'ALLUSERSPROFILE'], why: 'where toolchains are' },
  { names: ['ProgramFiles', 'ProgramFiles(x86)', 'ProgramW6432'], why: 'where toolchains are' },
  {
    names: ['CommonProgramFiles', 'CommonProgramFiles(x86)', 'CommonProgramW6432'],
    why: 'shared parts of these',
  },
  { names: ['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'], why: 'how many tests run at once' },
];

/** Where there is no network, these fail at once instead of after long waits. */
const withoutNetwork = {
  CARGO_NET_OFFLINE: 'true',
  GOPROXY: 'off',
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
  PIP_NO_INDEX: '1',
} as const;

/** What a toolchain finds in the home by itself, by the variable that names it where the home is another. */
const homeVariables = {
  GOCACHE: 'Library/Caches/go-build',
  GOMODCACHE: 'go/pkg/mod',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  RUSTUP_HOME: '.rustup',
  VOLTA_HOME: '.volta',
} as const;

/** What a command gets of this process's environment. Pure. */
export function passedEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Readonly<Record<string, string>> {
  const isWindows = platform === 'win32';
  const key = (name: string): string => (isWindows ? name.toUpperCase() : name);
  const rows = isWindows ? [...passed, ...passedOnWindows] : passed;
  const names = new Set(rows.flatMap((row) => row.names).map(key));
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, value]) =>
      value !== undefined && names.has(key(name)) ? [[name, value] as const] : [],
    ),
  );
}

/** The same in a sandbox: folders of the command's own, and no waiting for a network. Pure. */
export function sandboxEnvironment(
  environment: Readonly<Record<string, string>>,
  kind: Exclude<Sandbox['kind'], 'none'>,
  { home, scratch }: Pick<SandboxView, 'home' | 'scratch'>,
): Readonly<Record<string, string>> {
  switch (kind) {
    case 'bubblewrap':
      // Another folder is mounted at the home's own path, so that paths of toolchains in it stay the same.
      return { ...environment, ...withoutNetwork, HOME: home, ...temporaryVariables('/tmp') };
    case 'sandboxExec': {
      const places = Object.entries(homeVariables).map(
        ([name, place]) => [name, `${home}/${place}`] as const,
      );
      const own = { HOME: scratch.home, ...temporaryVariables(scratch.temporary) };
      return { ...Object.fromEntries(places), ...environment, ...withoutNetwork, ...own };
    }
  }
}

function temporaryVariables(folder: string): Readonly<Record<string, string>> {
  return { TMPDIR: folder, TMP: folder, TEMP: folder };
}
