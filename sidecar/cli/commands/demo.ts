import path from 'node:path';
import { present } from '../../fieldReader.ts';
import { defineCommand } from '../command.ts';
import { withSidecar } from '../openSidecar.ts';
import { askAloud, askOptions, askParams } from './ask.ts';
import { completeAloud, completeOptions, completionChoices, readPlace } from './complete.ts';

/** A function with its most interesting line still to write. */
const demoPlace = { file: path.join('media', 'demo', 'intervals.py'), line: '10', column: '13' };
const demoQuestion =
  'A cinema has 14 rows of 12 seats. 3 rows are closed, and 95 of the open seats are taken. How many open seats are free?';
const demoCandidates = '4';

export const demoCommand = defineCommand({
  name: 'demo',
  summary:
    'Complete code at a cursor, then answer a question with several candidates; either one alone when given',
  usage: 'demo [options] [QUESTION]  |  demo [options] --file FILE --line L --column C',
  options: { ...completeOptions, ...askOptions },
  run: async ({ values, positionals, terminal }, signal) => {
    const question = positionals.join(' ').trim();
    const hasPlace = values.file !== undefined;
    const runsAll = question === '' && !hasPlace;
    const place = runsAll ? { ...demoPlace, file: path.join(packageFolder, demoPlace.file) } : values;
    const gap = runsAll || hasPlace ? await readPlace(place) : null;
    const asks = runsAll || question !== '';
    const params = askParams({
      candidates: demoCandidates,
      ...(runsAll ? { strategy: 'selfConsistency' } : {}),
      ...values,
    });
    return withSidecar(
      { settings: present({ model: values.model }), terminal, isQuiet: false },
      async (client) => {
        if (gap !== null)
          await completeAloud(client, gap, { terminal, signal, choices: completionChoices(values) });
        if (!asks) return 0;
        terminal.note('');
        return askAloud(client, { ...params, question: question || demoQuestion }, terminal, signal);
      },
    );
  },
});

/** The bundles lie in `dist`, one level below. */
const packageFolder = path.dirname(__dirname);
