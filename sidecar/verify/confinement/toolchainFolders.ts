import path from 'node:path';

interface HomeFolders {
  readonly folders: readonly string[];
  readonly why: string;
}

/** Parts of the home that toolchains live in. Files with credentials, such as `.cargo/credentials.toml`, are in none. */
const homeFolders: readonly HomeFolders[] = [
  { folders: ['.nvm/versions', '.fnm', '.local/share/fnm', '.nodenv'], why: 'versions of Node' },
  { folders: ['.volta/bin', '.volta/tools'], why: 'Node by Volta' },
  { folders: ['.local/share/pnpm', '.bun/bin', '.deno/bin'], why: 'package managers of Node, Bun and Deno' },
  { folders: ['.pyenv', '.local/share/uv', '.local/share/pipx'], why: 'versions of Python and its tools' },
  { folders: ['.local/bin', '.local/lib'], why: "the user's own programs and Python packages" },
  { folders: ['miniconda3', 'anaconda3', 'miniforge3', '.conda/envs'], why: 'Python by Conda' },
  { folders: ['.rustup', '.cargo/bin'], why: 'Rust' },
  { folders: ['.cargo/registry', '.cargo/git'], why: 'sources of crates, which cannot be fetched' },
  { folders: ['go/bin', 'go/pkg/mod', 'sdk'], why: 'Go, and sources of modules, which cannot be fetched' },
  {
    folders: ['.cache/go-build', 'Library/Caches/go-build'],
    why: 'Go takes minutes without what it has compiled',
  },
  { folders: ['.sdkman/candidates', '.m2/repository', '.gradle/wrapper'], why: 'Java and its packages' },
  { folders: ['.dotnet', '.nuget/packages'], why: '.NET and its packages' },
  { folders: ['.rbenv', '.gem/ruby', '.local/share/gem/ruby'], why: 'Ruby and its packages' },
  { folders: ['.asdf', '.local/share/mise'], why: 'versions of many languages' },
];

/** Variables that name a toolchain's folder, wherever it is. */
const folderVariables: readonly string[] = [
  'CONDA_PREFIX',
  'DOTNET_ROOT',
  'GOCACHE',
  'GOROOT',
  'JAVA_HOME',
  'NVM_BIN',
  'PYENV_ROOT',
  'RBENV_ROOT',
  'RUSTUP_HOME',
  'VIRTUAL_ENV',
];

/** A folder of programs with this name has its libraries beside it, in folders of these names. */
const programFolders: ReadonlySet<string> = new Set(['bin', 'sbin', 'shims']);
const besidePrograms: readonly string[] = ['lib', 'lib64', 'share', 'libexec', 'include'];
/** Folders of the home that keep credentials or documents beside their programs. */
const neverWhole: readonly string[] = ['.local', '.cargo', '.config', 'go'];

/**
 * Folders outside of the system that a command's tools are in: those of PATH, with the libraries beside a `bin`, and the
 * known places in the home, which may have several paths. Never the folder around a `bin`: it may have anything else in it. Outermost first, none within another; some may not exist. Pure, for
 * systems with forward slashes.
 */
export function toolchainFolders(
  environment: Readonly<Record<string, string | undefined>>,
  homes: readonly string[],
): readonly string[] {
  const searched = (environment['PATH'] ?? '').split(':').filter((place) => place !== '');
  const wanted = [
    ...searched.map(withoutSlash).flatMap((place) => {
      const parent = path.posix.dirname(place);
      const hasLibraries = programFolders.has(path.posix.basename(place)) && isShown(parent, homes);
      return [place, ...(hasLibraries ? besidePrograms : []).map((name) => path.posix.join(parent, name))];
    }),
    ...folderVariables.map((name) => withoutSlash(environment[name] ?? '')),
    ...homes.flatMap((home) =>
      homeFolders.flatMap(({ folders }) => folders.map((place) => path.posix.join(home, place))),
    ),
  ];
  return outermost(wanted.filter((place) => isShown(place, homes)));
}

/** Whether a command may see a folder as a whole: not a home, what is above one, or a folder of it with credentials. Pure. */
export function isShown(place: string, homes: readonly string[]): boolean {
  return (
    path.posix.isAbsolute(place) &&
    homes.every(
      (home) =>
        !isWithin(home, place) && neverWhole.every((name) => !isWithin(path.posix.join(home, name), place)),
    )
  );
}

/** Those that are within none of the others, each once. Pure. */
export function outermost(folders: readonly string[]): readonly string[] {
  const sorted = [...new Set(folders)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return sorted.filter((place, index) => !sorted.slice(0, index).some((other) => isWithin(place, other)));
}

/** Whether a path is a folder or lies in it. */
function isWithin(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function withoutSlash(place: string): string {
  return place === '' ? '' : path.posix.join(place, '.').replace(/(?<=.)\/$/u, '');
}
