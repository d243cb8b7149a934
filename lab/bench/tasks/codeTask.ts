import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../sidecar/process/clock.ts';
import type { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import { type CodeVerifier, workspaceVerifier } from '../../../sidecar/verify/codeVerifier.ts';
import { benchIsolation } from './benchIsolation.ts';
import { runPython } from './runPython.ts';
import { shownExamples } from './shownExamples.ts';

/** A Python function to write by its head and description, and tests that the model never sees (HumanEval, arXiv 2107.03374). */
export interface CodeTask {
  /** Imports, helpers, the function's head and its description, which may hold examples. */
  readonly prompt: string;
  readonly entryPoint: string;
  /** Defines `check(candidate)`. */
  readonly test: string;
}

/** Raised when programs are asked for, tried or tested otherwise, so that what was answered before counts as outdated. */
export const codeTaskVersion = 2;

/** Tests take milliseconds, and a wrong program may loop for ever. */
const timeoutMs = 10_000;
/** A program under test does not run as the main program: what it would do as one, such as asking for input, is left out. */
const scopeName = 'candidate';

/** The task of a line of a test set; null for a line that is none. */
export function readCodeTask(fields: FieldReader): CodeTask | null {
  const prompt = fields.optionalString('prompt');
  const entryPoint = fields.optionalString('entryPoint') ?? fields.optionalString('entry_point');
  const test = fields.optionalString('test');
  if (prompt === undefined || entryPoint === undefined || test === undefined) return null;
  return { prompt, entryPoint, test };
}

/** The task as somebody would ask it. */
export function questionOf({ prompt }: CodeTask): string {
  return `Complete this Python function:\n\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\``;
}

/** Whether a program passes the task's own tests. */
export async function passes(program: string, task: CodeTask, signal: AbortSignal): Promise<boolean> {
  const whole = [
    `scope = {'__name__': '${scopeName}'}`,
    `exec(compile(${JSON.stringify(`${preambleOf(task)}\n${program}\n${task.test}`)}, '${scopeName}', 'exec'), scope)`,
    `scope['check'](scope[${JSON.stringify(task.entryPoint)}])`,
  ].join('\n');
  return (await runPython(whole, timeoutMs, signal)) === 'passed';
}

/** Whether its description shows how the function is used, in a form that can be tried. */
export function hasExamples(task: CodeTask): boolean {
  return isSession(task) || shownExamples(descriptionOf(task), task.entryPoint).length > 0;
}

export interface Examples extends AsyncDisposable {
  readonly verifier: CodeVerifier;
}

/**
 * The examples of a task's description as a test command in a workspace of their own: what a user has at hand, while the
 * task's own tests stay unseen. Null where the description shows none.
 */
export async function examplesOf(task: CodeTask): Promise<Examples | null> {
  if (!hasExamples(task)) return null;
  const folder = await mkdtemp(join(tmpdir(), 'entropane-examples-'));
  await writeFile(join(folder, 'examples.py'), examplesProgram(task));
  return {
    verifier: workspaceVerifier(folder, {
      command: 'python3 -I examples.py',
      timeoutMs,
      isolation: benchIsolation,
      clock: systemClock,
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Code before the function: a model that writes only the function has left it out. */
function preambleOf({ prompt, entryPoint }: CodeTask): string {
  const at = prompt.indexOf(`def ${entryPoint}(`);
  return at < 0 ? '' : prompt.slice(0, at);
}

/** The function's description, without the quotes around it. */
function descriptionOf(task: CodeTask): string {
  const [, , description = ''] = /("""|''')([^]*?)\1/u.exec(task.prompt.slice(preambleOf(task).length)) ?? [];
  return description;
}

/** Whether the examples are written as a Python session. */
function isSession(task: CodeTask): boolean {
  return descriptionOf(task).includes('>>>');
}

/** JSON strings are Python strings. A program that ends the process itself has not come through its examples. */
function examplesProgram(task: CodeTask): string {
  return [
    'import doctest, os',
    "with open(os.environ['ENTROPANE_CANDIDATE'], encoding='utf-8') as file:",
    '    program = file.read()',
    `scope = {'__name__': '${scopeName}'}`,
    'try:',
    `    exec(compile(${JSON.stringify(preambleOf(task))} + '\\n' + program, '${scopeName}', 'exec'), scope)`,
    ...(isSession(task) ? trySession(task) : tryShown(task)).map((line) => `    ${line}`),
    'except SystemExit:',
    '    os._exit(1)',
    'os._exit(1 if failures else 0)',
    '',
  ].join('\n');
}

/** Lines of Python that try a session and count its `failures`. */
function trySession(task: CodeTask): readonly string[] {
  return [
    'runner = doctest.DocTestRunner(verbose=False)',
    `runner.run(doctest.DocTestParser().get_doctest(${JSON.stringify(descriptionOf(task))}, scope, 'examples', None, 0))`,
    'failures = runner.failures',
  ];
}

/** Lines of Python that try examples in other forms and count those that are `failures`. */
function tryShown(task: CodeTask): readonly string[] {
  const examples = shownExamples(descriptionOf(task), task.entryPoint);
  return [
    'failures = 0',
    "literals = {'true': True, 'false': False}",
    `for call, shown in ${JSON.stringify(examples.map(({ call, value }) => [call, value]))}:`,
    '    value = eval(call, scope | literals)',
    '    if value != eval(shown, literals):',
    '        failures += 1',
    "        print(f'{call} gives {value!r}, and not {shown}')",
  ];
}
