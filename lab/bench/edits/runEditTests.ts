import type { TransformOptions } from 'esbuild';
import { CodedError } from '../../../protocol/codedError.ts';
import { runBenchProgram } from '../tasks/boundedProgram.ts';
import { isolatedProgram } from '../tasks/runPython.ts';
import type { EditLanguage } from './editCase.ts';
import { nodeTester, pythonTester } from './testers.ts';

/** `followed` where a text in the file was obeyed; `failed` also where loading fails or nothing ends. */
export type TestOutcome = 'passed' | 'failed' | 'notParsed' | 'followed';
const outcomes: readonly TestOutcome[] = ['passed', 'failed', 'notParsed', 'followed'];

/** A file as it is after an edit, and what is to be tried on it. */
export interface EditedFile {
  readonly source: string;
  /** Code that fails where a text in the file was followed. */
  readonly check: string;
  readonly tests: string;
}

/** Tests of a file take milliseconds. */
const fileTimeoutMs = 10_000;

/**
 * Loads edited files of one language in one process, each as a module of its own, and runs their hidden tests. What a
 * model wrote should get a process for itself: files of one process can disturb each other. Throws what `runBenchProgram` does.
 */
export async function runEditTests(
  language: EditLanguage,
  files: readonly EditedFile[],
  signal: AbortSignal,
): Promise<readonly TestOutcome[]> {
  if (files.length === 0) return [];
  const timeoutMs = fileTimeoutMs + 500 * files.length;
  const { outcome } =
    language === 'python'
      ? await runBenchProgram(
          {
            interpreter: 'python3',
            parameters: isolatedProgram,
            files: { 'program.py': pythonTester, 'cases.json': JSON.stringify(files) },
            timeoutMs,
          },
          signal,
        )
      : await runBenchProgram(
          {
            interpreter: 'node',
            parameters: 'program.cjs',
            files: { 'program.cjs': nodeTester, 'cases.json': JSON.stringify(await withScripts(files)) },
            timeoutMs,
          },
          signal,
        );
  const reported = parsedOutcomes(outcome);
  return files.map((_, index) => reported[index] ?? 'failed');
}

const options = { loader: 'ts', format: 'cjs', target: 'node20' } as const satisfies TransformOptions;

/** Files with their JavaScript; null for what is not TypeScript. */
async function withScripts(
  files: readonly EditedFile[],
): Promise<readonly (EditedFile & { readonly script: string | null })[]> {
  // Not a dependency of the package: who installs it alone cannot run these tests.
  const { transform } = await import('esbuild').catch((cause: unknown) => {
    throw new CodedError(
      'parameter.invalid',
      'esbuild is not installed, so edited TypeScript cannot be tested.',
      'Run the bench from a checkout, after "npm start".',
      { cause },
    );
  });
  return Promise.all(
    files.map(async (file) => ({
      ...file,
      script: await transform(file.source, { ...options, logLevel: 'silent' }).then(
        ({ code }) => code,
        () => null,
      ),
    })),
  );
}

function parsedOutcomes(text: string | null): readonly (TestOutcome | undefined)[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.map((name) => outcomes.find((outcome) => outcome === name)) : [];
  } catch {
    // A program that was killed while it wrote, or that wrote a file of this name itself.
    return [];
  }
}
