import path from 'node:path';
import { counted } from '../../../protocol/counted.ts';
import type { AskParams } from '../../../protocol/messages.ts';
import { systemClock } from '../../process/clock.ts';
import { askQuestion } from '../askQuestion.ts';
import { defineCommand, fastModelOption, modelOptions, UsageError } from '../command.ts';
import { completeAt } from '../completeAt.ts';
import { sidecarFor, withSidecar } from '../openSidecar.ts';
import { askParams } from './askCommand.ts';
import { completionChoices, printInPlace, readPlace } from './completeCommand.ts';

/** A function with its most interesting line still to write. */
const place = { file: path.join('media', 'demo', 'intervals.py'), line: '10', column: '13' };
/** Two steps that the default model mostly gets right and sometimes does not, so that a vote has something to decide. */
const question = 'Tom has 3 boxes with 12 pencils each. He gives 9 pencils away. How many pencils are left?';
/** The same for everybody who runs the demo on the same model and kind of processor. */
const demoSeed = 1;

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'Complete code at a cursor, then answer a question with four candidates that vote',
  usage: 'demo [options]',
  options: { ...modelOptions, ...fastModelOption },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals.length > 0) throw new UsageError('"demo" asks its own question; use "ask" for yours.');
    const params = {
      seed: demoSeed,
      ...askParams(values),
      question,
      strategy: 'selfConsistency',
      candidates: 4,
    } as const;
    const gap = await readPlace({ ...place, file: path.join(packageFolder, place.file) });
    return withSidecar(sidecarFor(values, terminal), async (client) => {
      terminal.note(`\nCompleting ${place.file} at line ${place.line}, column ${place.column}\n`);
      const completion = await completeAt(client, gap, { choices: completionChoices(values), signal });
      printInPlace(gap, completion, terminal);
      terminal.note(`\n${demoText(params)}\n`);
      return askQuestion(client, params, { terminal, clock: systemClock, signal });
    });
  },
});

/** Says that the vote was asked for: without these options a question gets one thought. */
export function demoText({
  strategy,
  candidates,
}: Required<Pick<AskParams, 'strategy' | 'candidates'>>): string {
  return (
    `Asking a question with a vote of ${counted(candidates, 'candidate')}, which the demo asks for: ` +
    `--strategy ${strategy} --candidates ${candidates}. Your own questions get one thought unless you ask for more.`
  );
}

/** The bundles lie in `dist`, one level below. */
const packageFolder = path.dirname(__dirname);
