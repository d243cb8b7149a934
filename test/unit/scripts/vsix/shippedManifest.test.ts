import { describe, expect, it } from 'vitest';
import { hasPlaceholder, shippedManifest } from '../../../../scripts/vsix/shippedManifest.mjs';

const manifest = {
  name: 'entropane',
  scripts: { build: 'node esbuild.mjs' },
  dependencies: { koffi: '3' },
  files: ['dist'],
  bin: { entropane: 'dist/cli.cjs' },
  private: true,
};
const repository = (url: string) => ({ ...manifest, repository: { type: 'git', url } });

describe('the manifest of a VSIX', () => {
  it('has nothing that only the checkout needs', () => {
    expect(shippedManifest(manifest)).toEqual({ name: 'entropane' });
  });

  it('names the repository once it has an address', () => {
    const real = repository('https://code.example.org/entropane.git');
    expect(hasPlaceholder(real)).toBe(false);
    expect(shippedManifest(real)).toEqual({ name: 'entropane', repository: real.repository });
  });

  it.each(['https://repository.invalid/entropane.git', 'https://a.b.invalid/'])(
    'leaves the placeholder %s out',
    (url) => {
      expect(hasPlaceholder(repository(url))).toBe(true);
      expect(shippedManifest(repository(url))).toEqual({ name: 'entropane' });
    },
  );
});
