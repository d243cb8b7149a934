import path from 'node:path';
import { root } from '../setup/places.mjs';

/**
 * What `npm test` runs, in order: of those that run two at a time the longest first, so that both end together. A check is a
 * program whose exit code is the result and counts as one test; a vitest suite is a project of `vitest.config.ts`. `needs` names
 * set-up beyond dependencies.
 *
 * @typedef {'sandbox' | 'library' | 'bundles' | 'models' | 'browser' | 'editor'} Need
 * @typedef {{ kind: 'check', name: string, command: readonly string[], needs: readonly Need[] }} Check
 * @typedef {{ kind: 'vitest', name: string, needs: readonly Need[] }} VitestSuite
 * @type {readonly (Check | VitestSuite)[]}
 */
export const suites = [
  { kind: 'vitest', name: 'unit', needs: ['sandbox'] },
  {
    kind: 'check',
    name: 'lint',
    command: bin('eslint/bin/eslint.js', '.', '--max-warnings', '0'),
    needs: [],
  },
  { kind: 'vitest', name: 'contract', needs: ['bundles'] },
  { kind: 'check', name: 'types', command: bin('typescript/bin/tsc', '-b'), needs: [] },
  { kind: 'check', name: 'format', command: bin('prettier/bin/prettier.cjs', '--check', '.'), needs: [] },
  { kind: 'check', name: 'deadCode', command: bin('knip/bin/knip.js'), needs: [] },
  { kind: 'vitest', name: 'integration', needs: ['library', 'bundles', 'models'] },
  { kind: 'vitest', name: 'webview', needs: ['bundles', 'browser'] },
  { kind: 'vitest', name: 'e2e', needs: ['library', 'bundles', 'models', 'browser', 'editor'] },
];

/** Command of a vitest suite that prints as usual and leaves a report. */
export function vitestCommand(name, reportPath) {
  return bin(
    'vitest/vitest.mjs',
    'run',
    `--project=${name}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
  );
}

function bin(script, ...args) {
  return [process.execPath, path.join(root, 'node_modules', script), ...args];
}
