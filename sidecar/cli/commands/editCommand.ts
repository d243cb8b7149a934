import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { EditDiagnostic, EditParams, DocumentTest } from '../../../protocol/edit.ts';
import { rethrowUnlessJudged } from '../../edits/judgedEdit.ts';
import { systemClock } from '../../process/clock.ts';
import { present } from '../../validation/fieldReader.ts';
import { candidateRange, seedRange, temperatureRange } from '../../validation/parameterRanges.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { type CodeVerifier, workspaceVerifier } from '../../verify/codeVerifier.ts';
import { placeFile } from '../../verify/placeCode.ts';
import { sandboxOf } from '../../verify/confinement/probeSandbox.ts';
import { runUnchanged } from '../../verify/unchangedRun.ts';
import {
  defineCommand,
  jsonOption,
  modelOptions,
  numberOption,
  type OptionSpecs,
  type OptionValues,
  UsageError,
} from '../command.ts';
import { type EditFile, parseLines, readEditFile } from '../editFile.ts';
import { sidecarFor, withSidecar } from '../openSidecar.ts';
import { type FileEdit, runEdit } from '../runEdit.ts';
import { answeringServer, serverOptions } from '../serverOptions.ts';
import type { Terminal } from '../terminal.ts';

/** Options of the commands that edit a file. */
const editOptions = {
  ...modelOptions,
  ...serverOptions,
  file: { type: 'string', placeholder: 'FILE', description: 'File to edit' },
  temperature: {
    type: 'string',
    placeholder: 'T',
    description: 'Temperature of the code',
    range: temperatureRange,
    usual: '0, greedy,',
  },
  apply: {
    type: 'boolean',
    description:
      'Write the edited file, in one step, unless it would have more syntax errors; without it only the diff is printed',
  },
  verify: {
    type: 'string',
    placeholder: 'COMMAND',
    description: 'Run this command in a copy of this folder that has the edit; one that fails is not applied',
  },
  candidates: {
    type: 'string',
    placeholder: 'N',
    description:
      'Write so many programs side by side, and take the one that passes the command of --verify; without that they vote',
    range: candidateRange,
    usual: 'one, without a race',
  },
  force: {
    type: 'boolean',
    description:
      'Also ask a model that is too weak by what was measured, for an edit that --verify does not judge',
  },
  ...jsonOption,
} as const satisfies OptionSpecs;

const editLines = {
  lines: {
    type: 'string',
    placeholder: 'A:B',
    description: 'Lines that may change, counted from 1: the fewest that have the change in them',
  },
} as const satisfies OptionSpecs;

export const editCommand = defineCommand({
  name: 'edit',
  summary: 'Change lines of a file by an instruction, and print the diff',
  usage: 'edit [options] --file FILE --lines A:B INSTRUCTION',
  options: { ...editOptions, ...editLines },
  run: async ({ values, positionals, terminal }, signal) => {
    const instruction = positionals.join(' ').trim();
    if (values.lines === undefined || instruction === '')
      throw new UsageError('Give --file, --lines and an instruction.');
    const file = await readEditFile(fileOf(values));
    const range = parseLines(values.lines, file.document);
    const params = { kind: 'edit', instruction, range, diagnostics: [] } as const;
    return editFileBy(values, { file, params, terminal }, signal);
  },
});

/** A longer problem is given without its beginning: what a test reports is at its end. */
const longestProblem = 6000;

export const fixCommand = defineCommand({
  name: 'fix',
  summary: 'Fix a problem in a file, given by --problem or standard input, and print the diff',
  usage: 'fix [options] --file FILE [--lines A:B] [--problem TEXT]',
  options: {
    ...editOptions,
    lines: { ...editLines.lines, usual: 'the whole file' },
    problem: {
      type: 'string',
      placeholder: 'TEXT',
      description: 'What a compiler, a linter or a test reports',
      usual: 'read from standard input',
    },
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals.length > 0)
      throw new UsageError(`"${positionals.join(' ')}" is not an option. Give the problem with --problem.`);
    const file = await readEditFile(fileOf(values));
    const range = parseLines(values.lines, file.document);
    if (values.problem === undefined && values['server-key-file'] === '-')
      throw new UsageError('Standard input has the key of the server, so give the problem with --problem.');
    const message = await problemOf(values.problem, terminal);
    const diagnostic: EditDiagnostic = { message, range };
    const params = { kind: 'fix', instruction: '', range, diagnostics: [diagnostic] } as const;
    return editFileBy(values, { file, params, terminal }, signal);
  },
});

function fileOf({ file }: Pick<OptionValues<typeof editOptions>, 'file'>): string {
  if (file === undefined) throw new UsageError('Give --file.');
  return file;
}

async function problemOf(given: string | undefined, { readInput, note }: Terminal): Promise<string> {
  if (given === undefined && readInput === null)
    throw new UsageError('Give --problem, or the problem on standard input.');
  const problem = (given ?? (await readInput?.()) ?? '').trim();
  if (problem === '') throw new UsageError('The problem is empty.');
  if (problem.length <= longestProblem) return problem;
  note(`Of the problem, the last ${longestProblem} characters are given.`);
  return problem.slice(-longestProblem);
}

async function editFileBy(
  values: OptionValues<typeof editOptions>,
  edit: {
    readonly file: EditFile;
    readonly params: Pick<EditParams, 'kind' | 'instruction' | 'range' | 'diagnostics'>;
    readonly terminal: Terminal;
  },
  signal: AbortSignal,
): Promise<number> {
  const { file, terminal } = edit;
  const tester = verifierFor(values.verify, file);
  const candidates = numberOption(values.candidates, 'candidates', candidateRange);
  const params: EditParams = {
    ...edit.params,
    ...(candidates === undefined ? {} : { strategy: 'directBestOfN', candidates }),
    document: file.document,
    attachments: [],
    ...present({
      seed: numberOption(values.seed, 'seed', seedRange),
      temperature: numberOption(values.temperature, 'temperature', temperatureRange),
      force: values.force,
    }),
  };
  const isRace = tester !== null && candidates !== undefined;
  const verifier = isRace ? ('race' as const) : tester;
  const server = await answeringServer(values, 'The file', terminal);
  const sidecar = { ...sidecarFor(values, terminal), server };
  const racing = { ...sidecar.settings, ...present({ verifyCommand: values.verify }) };
  const applies = values.apply === true;
  const isJson = values.json === true;
  const opened = isRace ? { ...sidecar, settings: racing, workspaceFolder: process.cwd() } : sidecar;
  const surroundings = { terminal, clock: systemClock, signal };
  // Where programs race, the sidecar runs it.
  const runOfUnchanged = isRace || tester === null ? noRun : onceOn(file, tester, surroundings);
  const task = { file, params, verifier, runOfUnchanged, applies, isJson };
  try {
    return await withSidecar(opened, async (client) => {
      try {
        return await runEdit(client, task, surroundings);
      } catch (thrown) {
        await rethrowUnlessJudged(thrown, runOfUnchanged);
        // It fails on the file as it is.
        const judged = { ...task, params: { ...params, force: true } };
        return await runEdit(client, judged, surroundings);
      }
    });
  } catch (thrown) {
    throw thrown instanceof CodedError && thrown.code === 'model.tooWeak'
      ? withTerminalRemedy(thrown)
      : thrown;
  }
}

const noRun: FileEdit['runOfUnchanged'] = () => Promise.resolve(null);

/** Runs a command on the file as it is when that is first asked for, and says so. */
function onceOn(
  { document: { languageId, text } }: EditFile,
  tester: CodeVerifier,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): FileEdit['runOfUnchanged'] {
  const start = async (): Promise<DocumentTest> => {
    terminal.note('Running the command on the file as it is: what passes there cannot judge an edit.');
    return { command: tester.command, ...(await runUnchanged(tester, { languageId, text }, signal)) };
  };
  let run: Promise<DocumentTest> | null = null;
  return () => (run ??= start());
}

/** Has the options of the command line in the place of the editor's remedy. */
function withTerminalRemedy(cause: CodedError): CodedError {
  const remedy =
    'Name another model with --model, a command with --verify that fails now and passes once the edit is right, or ask this one with --force.';
  return new CodedError(cause.code, cause.message, remedy, { cause });
}

/** Runs a command of the user's in copies of this folder: who names a command there trusts it. Null without one. */
function verifierFor(command: string | undefined, { isBelow, document }: EditFile): CodeVerifier | null {
  if (command === undefined) return null;
  if (command.trim() === '') throw new UsageError('--verify needs a command.');
  if (!isBelow)
    throw new UsageError(`--verify runs in a copy of this folder, and ${document.path} is outside of it.`);
  return workspaceVerifier(process.cwd(), {
    command,
    timeoutMs: defaultSettings.verifySeconds * 1000,
    isolation: {
      sandbox: sandboxOf(process.platform, process.env),
      // Beside this bundle.
      guardFile: path.join(__dirname, 'commandGuard.cjs'),
    },
    clock: systemClock,
    // The text that would be written, to the last line end.
    place: (copyPath, { text }) =>
      placeFile(copyPath, { path: document.path, encoding: document.encoding, text }),
  });
}
