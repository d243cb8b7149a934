import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const takeClock = 'Take the clock as an argument (process/clock.ts).';

/** Time and randomness come in as arguments, so that a seed decides a run. */
const seededOnly = {
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Draw from numeric/random.ts, seeded by the request.' },
    ...['Date', 'performance'].map((object) => ({ object, property: 'now', message: takeClock })),
    { object: 'process', property: 'hrtime', message: takeClock },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: ":matches(NewExpression, CallExpression)[callee.name='Date'][arguments.length=0]",
      message: takeClock,
    },
  ],
};

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'media/', 'node_modules/', 'sidecar/numeric/kernel/', 'test/fixtures/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          'protocol/tsconfig.json',
          'sidecar/tsconfig.json',
          'extension/tsconfig.json',
          'webview-ui/tsconfig.json',
          'lab/tsconfig.json',
          'test/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['{sidecar,lab,extension,webview-ui,protocol}/**/*.{ts,tsx}'],
    // Comments and empty lines count: what does not fit a screen is not read at once.
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: false, skipComments: false }] },
  },
  // Set-up scripts and configuration, which run as they are: `tsc -b` checks their types (scripts/tsconfig.json).
  { files: ['**/*.mjs'], extends: [tseslint.configs.strict] },
  { files: ['sidecar/**/*.ts', 'lab/{calibrate,observe,prune}/**/*.ts'], rules: seededOnly },
  {
    files: ['sidecar/numeric/random.ts', 'sidecar/process/clock.ts'],
    // Where randomness and time come from: these hand them to everybody else.
    rules: { 'no-restricted-properties': 'off', 'no-restricted-syntax': 'off' },
  },
);
