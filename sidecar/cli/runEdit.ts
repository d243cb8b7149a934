import { assertNever } from '../../protocol/assertNever.ts';
import type { SourcePosition } from '../../protocol/codeReading.ts';
import type {
  DocumentTest,
  EditParams,
  EditResult,
  EditVerification,
  NoEditReason,
} from '../../protocol/edit.ts';
import { fencedCode } from '../../protocol/fencedCode.ts';
import { testEndWords } from '../../protocol/testEndWords.ts';
import type { StopReason } from '../../protocol/traceEvent.ts';
import { confinementWords } from '../../protocol/traceWords.ts';
import { stoppedWhileTested } from '../edits/judgedEdit.ts';
import { withEdits } from '../edits/rangeEdits.ts';
import type { Clock } from '../process/clock.ts';
import type { CodeVerifier } from '../verify/codeVerifier.ts';
import { printable } from './drawing/cellWidth.ts';
import { costLines } from './drawing/requestView.ts';
import { styleFor } from './drawing/style.ts';
import { colouredDiff, unifiedDiff } from './drawing/unifiedDiff.ts';
import { type EditFile, writeEditFile } from './editFile.ts';
import { LiveDrawing, viewOptions } from './liveDrawing.ts';
import type { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

/** An edit of a file, and what becomes of it. */
export interface FileEdit {
  readonly file: EditFile;
  readonly params: EditParams;
  /** Runs the user's command on the edited file first; `race` where candidates were tested with it already; null for none. */
  readonly verifier: CodeVerifier | 'race' | null;
  /** What the command says of the file as it is: it is run on that once. Null where it is not to be run here. */
  readonly runOfUnchanged: () => Promise<DocumentTest | null>;
  /** Writes the edited file, once it is verified where it is to be, else where it has no more syntax errors than before. */
  readonly applies: boolean;
  /** Prints objects that programs read. */
  readonly isJson: boolean;
}

interface Surroundings {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Has a file edited and prints the diff; then verifies and applies the edit, as far as that is asked for. Returns the exit code: 1
 * where there is nothing to apply, verification failed, or without one the file would have more syntax errors. Throws what the
 * request does, and what `writeEditFile` does.
 */
export async function runEdit(
  client: Pick<SidecarClient, 'request'>,
  edit: FileEdit,
  surroundings: Surroundings,
): Promise<number> {
  const { terminal, signal } = surroundings;
  const { document } = edit.file;
  const result = edit.isJson
    ? await requestAsJson(client, edit, surroundings)
    : await requestForReader(client, edit, surroundings);
  const edited = withEdits(document.text, result.edits);
  const diff = unifiedDiff(document.path, document.text, edited);
  const isStopped = result.reason === 'cancelled' || signal.aborted;
  if (!edit.isJson && diff.length > 0) printDiff(diff, terminal);
  if (result.noEdit !== null) terminal.note(noEditWords(result.noEdit, result.reason, edit));
  const blockCount = fencedCode(result.text).blocks.length;
  if (blockCount > 1)
    terminal.note(`The answer has ${blockCount} blocks of code, and the diff is of one of them.`);
  const canGoOn = result.noEdit === null && !isStopped;
  const verification = canGoOn ? await verificationOf(edit, { result, edited }, surroundings) : null;
  const isSound =
    edit.verifier === null
      ? result.syntaxError === null
      : verification?.outcome === 'passed' && (await isProgram(edit, result));
  const isGood = canGoOn && isSound;
  if (!isSound && result.syntaxError !== null)
    terminal.note(syntaxErrorWords(document.path, result.syntaxError));
  const applied = isGood && edit.applies;
  if (applied) await writeEditFile(edit.file, edited);
  if (edit.isJson) {
    const rest = { diff: diff.map((line) => `${line}\n`).join(''), verification, applied };
    terminal.print(JSON.stringify({ type: 'result', ...result, ...rest }));
  } else if (applied) terminal.note(`${document.path} was changed.`);
  else if (canGoOn && !isGood && edit.applies)
    terminal.note(`${document.path} was not changed, since ${unsoundWords(edit, verification)}.`);
  return isGood ? 0 : 1;
}

function noEditWords(noEdit: NoEditReason, reason: StopReason, { verifier }: FileEdit): string {
  switch (noEdit) {
    case 'noCode':
      return 'The answer has no code, so nothing can be changed. Say more exactly what is to be done.';
    case 'cutOff':
      if (reason === 'answered')
        return 'A block of code in the answer does not close, or has a fence in it, so nothing can be changed. Ask again.';
      return reason === 'budgetExhausted'
        ? 'The code of the answer was cut off, so nothing can be changed. Choose fewer lines.'
        : 'You stopped it before its code was whole, so nothing can be changed.';
    case 'unchanged': {
      const race = verifier === 'race' ? '' : ', or have programs race with --verify COMMAND --candidates 4';
      return `The answer has the lines as they are, so nothing changes. Say more exactly what is to be done${race}.`;
    }
    default:
      return assertNever(noEdit);
  }
}

function unsoundWords({ verifier }: FileEdit, verification: EditVerification | null): string {
  if (verifier === null)
    return 'it would have more syntax errors. Ask in other words, or apply the diff with "patch" if the grammar is wrong';
  if (verification?.outcome === 'passed')
    return 'it would have more syntax errors, and the command passes without the edit, too. Say more exactly what is to be done';
  return verification?.outcome === 'failed'
    ? 'the command fails with the edit. Say more exactly what is to be done, or name fewer lines'
    : 'the command did not judge the edit. Read the diff, and apply it with "patch" if it is right';
}

function syntaxErrorWords(path: string, { line, column }: SourcePosition): string {
  return `With this edit ${path} has more syntax errors than before. The first is in line ${line}, column ${column}.`;
}

async function requestAsJson(
  client: Pick<SidecarClient, 'request'>,
  { params }: FileEdit,
  { terminal, signal }: Surroundings,
): Promise<EditResult> {
  return client.request('entropane/edit', params, {
    signal,
    onPartial: (events) => {
      for (const event of events) terminal.print(JSON.stringify(event));
    },
  });
}

async function requestForReader(
  client: Pick<SidecarClient, 'request'>,
  { params }: FileEdit,
  { terminal, clock, signal }: Surroundings,
): Promise<EditResult> {
  const drawing = new LiveDrawing(client, terminal, clock);
  let result: EditResult;
  try {
    result = await client.request('entropane/edit', params, {
      signal,
      onPartial: (events) => {
        drawing.take(events);
      },
    });
  } finally {
    await drawing.dispose();
  }
  const { state } = drawing;
  for (const line of costLines(state, viewOptions(terminal.progress))) terminal.note(line);
  if (result.verification?.outcome === 'passed' && state.selected !== null)
    terminal.note(`Candidate ${state.selected.candidateId + 1} passed, and the diff is its edit.`);
  for (const { why } of state.decisions.filter(({ kind }) => kind === 'testPassesWithout'))
    terminal.note(why);
  return result;
}

/** Whether the edited file is a program: where a grammar says no, a command knows better, unless it passes on the file as it was. */
async function isProgram(
  { runOfUnchanged }: FileEdit,
  { syntaxError }: Pick<EditResult, 'syntaxError'>,
): Promise<boolean> {
  if (syntaxError === null) return true;
  const run = await runOfUnchanged();
  // Of programs that race, one that does not parse is not tested then.
  if (run === null) return true;
  if (run.outcome === 'cancelled') throw stoppedWhileTested();
  return run.outcome === 'failed';
}

/** A terminal gets colours and no control characters; a pipe gets what `patch` reads. */
function printDiff(diff: readonly string[], { output, print }: Terminal): void {
  const lines = output.isTerminal ? colouredDiff(diff.map(printable), styleFor(output)) : diff;
  print(lines.join('\n'));
}

/**
 * What the command says of the edited file, noted for a reader; null where it is not asked, or was not in the race. It runs on the
 * file as it is before: what passes there proves nothing, and what cannot run there is not run again.
 */
async function verificationOf(
  { verifier, file, runOfUnchanged }: FileEdit,
  { result, edited }: { readonly result: EditResult; readonly edited: string },
  { terminal, signal }: Surroundings,
): Promise<EditVerification | null> {
  if (verifier === null) return null;
  if (verifier === 'race') {
    if (result.verification === null) terminal.note('verify: the command did not run on this edit');
    else noteRun(result.verification, terminal);
    return result.verification;
  }
  const { command } = verifier;
  const { languageId, path, text } = file.document;
  const unchanged = await runOfUnchanged();
  const run =
    unchanged?.outcome === 'notStarted' || unchanged?.outcome === 'cancelled'
      ? unchanged
      : await verifier.verify({ text: edited, languageId }, { languageId, path, text }, signal);
  noteRun(run, terminal);
  if (run.outcome === 'cancelled') throw stoppedWhileTested();
  const passesWithout = unchanged === null ? null : unchanged.outcome === 'passed';
  if (passesWithout === true && run.outcome === 'passed')
    terminal.note(`"${command}" passes without the edit, too, so passing it does not prove the edit right.`);
  return { ...run, command, passesWithout };
}

function noteRun(run: Omit<DocumentTest, 'command'>, terminal: Terminal): void {
  const { outcome, exitCode, output, durationMs, confinement } = run;
  const code = exitCode === null ? '' : `, exit code ${exitCode}`;
  const confined = confinementWords(confinement);
  terminal.note(
    `verify: ${testEndWords[outcome]}${code} after ${(durationMs / 1000).toFixed(1)} s, ${confined.name}`,
  );
  if (confinement.kind === 'none') terminal.note(confined.meaning);
  if (outcome !== 'passed' && output !== '') terminal.note(printable(output));
}
