import { answersVersion } from '../setup/command.mjs';

/** The Debian package that brings bubblewrap, which tests of confined commands run for real; none where it is there. */
export async function missingSandboxPackages() {
  if (process.platform !== 'linux' || (await answersVersion('bwrap'))) return [];
  return ['bubblewrap'];
}
