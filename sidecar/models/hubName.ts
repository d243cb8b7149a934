import type { CatalogueModel } from './catalogueModel.ts';

/** Owner, repository and file, with folders in between or not; none of them begins with a dot. */
const hubNamePattern = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*){2,}\.gguf$/u;
/** Between the parts of a name in the store, where it is one file name. */
const partMark = '--';

/**
 * A model that is known by its name on the hub alone, `owner/repository/file.gguf`; null for any other text. Its size is what the
 * hub says, its hash what arrives first. Pure.
 */
export function modelOfHubName(name: string): CatalogueModel | null {
  if (!hubNamePattern.test(name)) return null;
  const [owner = '', repository = '', ...rest] = name.split('/');
  return {
    name,
    description: 'A file of the hub',
    license: null,
    fileName: [owner, repository, ...rest].join(partMark),
    sizeBytes: null,
    sha256: null,
    hub: { repository: `${owner}/${repository}`, fileName: rest.join('/') },
    mirror: null,
    serves: ['questions', 'completions'],
    shape: null,
  };
}

/** The model whose file a store has under this name; null for a file of another origin. Pure. */
export function modelOfStoredName(fileName: string): CatalogueModel | null {
  const model = modelOfHubName(fileName.split(partMark).join('/'));
  return model?.fileName === fileName ? model : null;
}
