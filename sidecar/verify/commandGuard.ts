// A program of its own: `commandGuard.cjs ID FOLDER VARIABLE`. Its standard input is a pipe from the process that runs a
// command. The system closes it when that process dies, however it dies, and then the guard ends the command. A command
// that ends before that takes its guard along.
import { systemClock } from '../process/clock.ts';
import { CommandProcesses } from './commandProcesses.ts';

const [id = '', folder = '', variable = ''] = process.argv.slice(2);
const processes = new CommandProcesses(Number(id), { sign: { folder, variable }, clock: systemClock });

const end = (): void => void processes.end();
process.stdin.once('end', end);
process.stdin.once('error', end);
process.stdin.resume();
