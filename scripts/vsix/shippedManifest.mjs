/** A name that never becomes an address: RFC 2606 keeps this ending for such. */
const placeholder = /^https:\/\/[^/]+\.invalid\//u;

/**
 * The manifest of the VSIX: without what only the checkout needs, and without the repository while that is a placeholder, which
 * would be a link to nowhere on the page of a marketplace. Pure.
 *
 * @param {Readonly<Record<string, unknown>> & { readonly repository?: { readonly url: string } }} manifest
 * @returns {Readonly<Record<string, unknown>>}
 */
export function shippedManifest(manifest) {
  // The native packages lie beside the bundles, so that nothing is left to install or to run.
  // `files` and `bin` are the npm package's, and vsce would leave out what `files` does not name.
  const left = ['scripts', 'dependencies', 'devDependencies', 'private', 'files', 'bin'];
  if (hasPlaceholder(manifest)) left.push('repository');
  return Object.fromEntries(Object.entries(manifest).filter(([key]) => !left.includes(key)));
}

/**
 * Whether the manifest has no public address for its repository yet. Pure.
 *
 * @param {{ readonly repository?: { readonly url: string } }} manifest
 */
export function hasPlaceholder({ repository }) {
  return repository !== undefined && placeholder.test(repository.url);
}
