import { defineConfig } from 'vitest/config';

/** Copies the grammars once for all files of a suite. */
const grammars = 'test/support/machine/grammarFolder.ts';

/** Suites by folder; what each needs to have been set up stands in `scripts/test/suites.mjs`. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          globalSetup: [grammars],
          // One process for all files: to import every module anew for each takes longer than the tests.
          isolate: false,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: [grammars],
          setupFiles: ['test/support/sidecar/ownStore.ts'],
          // A model and a sidecar each: two files at once would fight for the same cores.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'webview',
          include: ['test/webview/**/*.page.ts'],
          globalSetup: [grammars],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          fileParallelism: false,
          testTimeout: 400_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          // No part of `npm test`: packages for every platform, which fetches the libraries of all of them.
          name: 'packages',
          include: ['test/packages/**/*.package.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          // No part of `npm test`: asks a real llama-server, which is built the first time.
          name: 'servers',
          include: ['test/servers/**/*.server.ts'],
          setupFiles: ['test/support/sidecar/ownStore.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 3_600_000,
        },
      },
      {
        extends: true,
        test: {
          // No part of `npm test`: makes the README's pictures anew, in the editor that the e2e suite set up.
          name: 'screenshots',
          include: ['test/screenshots/**/*.shot.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
    // A process for each file keeps native modules apart. Tests share nothing that one of them changes.
    pool: 'forks',
    // Of a poll that names none. Vitest's own, a second, is less than a busy machine may need.
    expect: { poll: { timeout: 30_000 } },
    unstubEnvs: true,
    restoreMocks: true,
  },
});
